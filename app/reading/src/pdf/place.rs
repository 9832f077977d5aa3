//! From the coordinates of a page, which grow upwards from anywhere, to those of the page as it is shown.

/// A rectangle in the coordinates of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    pub left: f32,
    pub bottom: f32,
    pub right: f32,
    pub top: f32,
}

impl Rect {
    /// The smallest rectangle around both.
    pub fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            bottom: self.bottom.min(other.bottom),
            right: self.right.max(other.right),
            top: self.top.max(other.top),
        }
    }
}

/// What is shown of a page, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// What is shown, in the coordinates of the page.
    pub bounds: Rect,
    /// By how many quarters of a circle the page is turned clockwise, 0 to 3.
    pub quarters: u8,
    /// Of the page as shown, in points.
    pub width: f32,
    pub height: f32,
}

/// A place on the page as shown: points from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Frame {
    /// Whether the page has a size that a page can have.
    pub fn is_sound(&self) -> bool {
        [self.width, self.height].iter().all(|side| side.is_finite() && *side > 0.0)
    }

    /// Where `rect` is shown; none if it lies outside of what is shown.
    pub fn place(&self, rect: Rect) -> Option<Place> {
        let Rect { left, bottom, right, top } = self.bounds;
        // Distances from the left and the bottom edge before the page is turned.
        let (u1, u2) = (rect.left - left, rect.right - left);
        let (v1, v2) = (rect.bottom - bottom, rect.top - bottom);
        let (wide, high) = (right - left, top - bottom);
        let (x1, x2, y1, y2) = match self.quarters {
            0 => (u1, u2, high - v2, high - v1),
            1 => (v1, v2, u1, u2),
            2 => (wide - u2, wide - u1, v1, v2),
            _ => (high - v2, high - v1, wide - u2, wide - u1),
        };
        let outside = x2 < 0.0 || y2 < 0.0 || x1 > self.width || y1 > self.height;
        let place = Place { x: rounded(x1), y: rounded(y1), width: rounded(x2 - x1), height: rounded(y2 - y1) };
        (!outside && [place.x, place.y, place.width, place.height].iter().all(|value| value.is_finite()))
            .then_some(place)
    }
}

/// A hundredth of a point is finer than any screen, and short to write.
fn rounded(value: f32) -> f32 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(quarters: u8) -> Frame {
        let bounds = Rect { left: 10.0, bottom: 20.0, right: 110.0, top: 220.0 };
        let (width, height) = if quarters.is_multiple_of(2) { (100.0, 200.0) } else { (200.0, 100.0) };
        Frame { bounds, quarters, width, height }
    }

    #[test]
    fn a_mark_near_the_lower_left_corner_goes_round_with_the_page() {
        let mark = Rect { left: 15.0, bottom: 30.0, right: 25.0, top: 34.0 };
        let at = |quarters| frame(quarters).place(mark).map(|place| (place.x, place.y, place.width, place.height));
        assert_eq!(at(0), Some((5.0, 186.0, 10.0, 4.0)));
        assert_eq!(at(1), Some((10.0, 5.0, 4.0, 10.0)));
        assert_eq!(at(2), Some((85.0, 10.0, 10.0, 4.0)));
        assert_eq!(at(3), Some((186.0, 85.0, 4.0, 10.0)));
    }

    #[test]
    fn what_is_not_shown_has_no_place() {
        assert_eq!(frame(0).place(Rect { left: 500.0, bottom: 30.0, right: 510.0, top: 40.0 }), None);
        assert_eq!(frame(0).place(Rect { left: f32::NAN, bottom: 30.0, right: 510.0, top: 40.0 }), None);
    }
}
