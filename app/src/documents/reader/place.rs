//! Where in a document one is. All of it stands in the address, so that every control of the reader is a link.

use std::fmt::Display;

use crate::routes;

/// A page, what is searched in the document, and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub page: u32,
    /// What is searched in the document; empty where nothing is.
    pub query: String,
    pub zoom: Zoom,
    pub hit: Hit,
}

impl Place {
    /// From the parameters of an address; what is missing or wrong is the beginning.
    pub fn parse(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let page = parameter("page").and_then(|page| page.trim().parse().ok());
        Self {
            page: page.unwrap_or(1).max(1),
            query: parameter("q").map(|query| query.trim().to_owned()).unwrap_or_default(),
            zoom: parameter("zoom").map(|zoom| Zoom::parse(&zoom)).unwrap_or_default(),
            hit: parameter("hit").map(|hit| Hit::parse(&hit)).unwrap_or_default(),
        }
    }

    /// Another page, at its first hit.
    pub fn at(&self, page: u32) -> Self {
        Self { page, hit: Hit::default(), ..self.clone() }
    }

    pub fn with_zoom(&self, zoom: Zoom) -> Self {
        Self { zoom, ..self.clone() }
    }

    pub fn with_hit(&self, page: u32, hit: Hit) -> Self {
        Self { page, hit, ..self.clone() }
    }

    /// The reader at this place.
    pub fn href(&self, id: impl Display) -> String {
        let mut href = match self.query.is_empty() {
            true => routes::document_page(id, self.page),
            false => routes::document_hit(id, self.page, &self.query),
        };
        if let Zoom::Percent(percent) = self.zoom {
            href += &format!("&zoom={percent}");
        }
        match self.hit {
            Hit::Number(1) => {}
            Hit::Number(number) => href += &format!("&hit={number}"),
            Hit::Last => href += "&hit=last",
        }
        href
    }

    /// The text of the document at this place.
    pub fn text_href(&self, id: impl Display) -> String {
        let query = match self.query.is_empty() {
            true => String::new(),
            false => format!("&q={}", routes::encode(&self.query)),
        };
        format!("{}?page={}{query}", routes::document_text(id), self.page)
    }
}

/// How large a page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zoom {
    /// As wide as the window allows.
    #[default]
    Fit,
    /// 100 is the size on paper.
    Percent(u16),
}

impl Zoom {
    const STEPS: [u16; 7] = [50, 75, 100, 125, 150, 175, 200];

    fn parse(text: &str) -> Self {
        text.parse().map_or(Self::Fit, |percent: u16| Self::Percent(percent.clamp(50, 200)))
    }

    /// None where the page is as wide as the window allows.
    pub fn percent(self) -> Option<u16> {
        match self {
            Self::Fit => None,
            Self::Percent(percent) => Some(percent),
        }
    }

    /// One step larger; from the fitted width on that is a little more than the size on paper.
    pub fn larger(self) -> Self {
        let now = self.percent().unwrap_or(100);
        Self::Percent(Self::STEPS.into_iter().find(|step| *step > now).unwrap_or(200))
    }

    pub fn smaller(self) -> Self {
        let now = self.percent().unwrap_or(125);
        Self::Percent(Self::STEPS.into_iter().rev().find(|step| *step < now).unwrap_or(50))
    }

    /// What the screen says.
    pub fn label(self) -> String {
        match self {
            Self::Fit => "Fit width".into(),
            Self::Percent(percent) => format!("{percent}%"),
        }
    }
}

/// Which hit of the page one is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// From 1.
    Number(usize),
    Last,
}

impl Default for Hit {
    fn default() -> Self {
        Self::Number(1)
    }
}

impl Hit {
    fn parse(text: &str) -> Self {
        match text {
            "last" => Self::Last,
            number => Self::Number(number.parse().unwrap_or(1).max(1)),
        }
    }

    /// The number of the hit, from 1, on a page with this many; 0 where there are none.
    pub fn of(self, hits: usize) -> usize {
        match self {
            Self::Number(number) => number.min(hits),
            Self::Last => hits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &[(&str, &str)]) -> Place {
        let find = |name: &str| address.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Place::parse(find)
    }

    #[test]
    fn an_address_leads_back_to_its_place() {
        let there = place(&[("page", "7"), ("q", " a&b "), ("zoom", "150"), ("hit", "last")]);
        assert_eq!(there.href("x"), "/documents/x?page=7&q=a%26b&zoom=150&hit=last");
        assert_eq!(there.at(8).href("x"), "/documents/x?page=8&q=a%26b&zoom=150");
        assert_eq!(there.text_href("x"), "/documents/x/text?page=7&q=a%26b");
    }

    #[test]
    fn what_is_wrong_is_the_beginning() {
        for page in ["", "0", "-3", "1.5", "99999999999999", "x"] {
            assert_eq!(place(&[("page", page), ("zoom", "huge"), ("hit", "0")]).href("x"), "/documents/x?page=1");
        }
    }

    #[test]
    fn zoom_stays_within_its_bounds() {
        assert_eq!(place(&[("zoom", "9999")]).zoom, Zoom::Percent(200));
        assert_eq!(Zoom::Percent(200).larger(), Zoom::Percent(200));
        assert_eq!(Zoom::Percent(50).smaller(), Zoom::Percent(50));
        assert_eq!((Zoom::Fit.smaller(), Zoom::Fit.larger()), (Zoom::Percent(100), Zoom::Percent(125)));
        assert_eq!(Zoom::Percent(110).larger(), Zoom::Percent(125));
    }

    #[test]
    fn the_hit_is_one_of_the_page() {
        assert_eq!((Hit::Number(9).of(3), Hit::Last.of(3), Hit::Last.of(0), Hit::default().of(2)), (3, 3, 0, 1));
    }
}
