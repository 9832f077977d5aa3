//! The way from hit to hit, over page borders and round at the end.

use domain::documents::PageText;

use super::place::{Hit, Place};

/// Which hit each word of `hits` belongs to, from 1: words that follow each other are one hit, such as a phrase.
pub fn numbered(hits: &[u32]) -> Vec<(u32, usize)> {
    let mut numbered: Vec<(u32, usize)> = Vec::with_capacity(hits.len());
    for word in hits {
        let number = match numbered.last() {
            Some((before, number)) if before + 1 == *word => *number,
            Some((_, number)) => number + 1,
            None => 1,
        };
        numbered.push((*word, number));
    }
    numbered
}

/// How many hits a page shows: those of its image where it has places, else those of its text.
pub fn count(page: &PageText, has_image: bool) -> usize {
    match has_image {
        true => numbered(&page.hits).last().map_or(0, |(_, number)| *number),
        false => page.segments.iter().filter(|segment| segment.hit).count(),
    }
}

/// The place of the next hit: on this page with its `here` hits, else on the next of `pages`, else on the first of them.
/// None where nothing was found.
pub fn next(place: &Place, pages: &[u32], here: usize) -> Option<Place> {
    let now = place.hit.of(here);
    if now < here {
        return Some(place.with_hit(place.page, Hit::Number(now + 1)));
    }
    let after = pages.iter().find(|page| **page > place.page).or(pages.first());
    after.copied().or((here > 0).then_some(place.page)).map(|page| place.at(page))
}

/// The place of the hit before.
pub fn previous(place: &Place, pages: &[u32], here: usize) -> Option<Place> {
    let now = place.hit.of(here);
    if now > 1 {
        return Some(place.with_hit(place.page, Hit::Number(now - 1)));
    }
    let before = pages.iter().rev().find(|page| **page < place.page).or(pages.last());
    before.copied().or((here > 0).then_some(place.page)).map(|page| place.with_hit(page, Hit::Last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(page: u32, hit: Hit) -> Place {
        Place { page, query: "lease".into(), zoom: Default::default(), hit }
    }

    #[test]
    fn words_that_follow_each_other_are_one_hit() {
        assert_eq!(numbered(&[3, 4, 9, 11, 12]), [(3, 1), (4, 1), (9, 2), (11, 3), (12, 3)]);
        assert!(numbered(&[]).is_empty());
    }

    #[test]
    fn forward_over_the_pages_and_round() {
        let pages = [2, 5];
        assert_eq!(next(&at(2, Hit::Number(1)), &pages, 2), Some(at(2, Hit::Number(2))));
        assert_eq!(next(&at(2, Hit::Number(2)), &pages, 2), Some(at(5, Hit::Number(1))));
        assert_eq!(next(&at(5, Hit::Last), &pages, 3), Some(at(2, Hit::Number(1))));
        assert_eq!(next(&at(3, Hit::Number(1)), &pages, 0), Some(at(5, Hit::Number(1))));
        assert_eq!(next(&at(3, Hit::Number(1)), &[], 0), None);
    }

    #[test]
    fn backward_over_the_pages_and_round() {
        let pages = [2, 5];
        assert_eq!(previous(&at(5, Hit::Number(2)), &pages, 2), Some(at(5, Hit::Number(1))));
        assert_eq!(previous(&at(5, Hit::Number(1)), &pages, 2), Some(at(2, Hit::Last)));
        assert_eq!(previous(&at(2, Hit::Number(1)), &pages, 2), Some(at(5, Hit::Last)));
        assert_eq!(previous(&at(2, Hit::Number(1)), &[], 2), Some(at(2, Hit::Last)));
    }
}
