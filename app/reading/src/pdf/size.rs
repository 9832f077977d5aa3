//! How large a page is drawn.

use crate::limits::{IMAGE_HEIGHT, IMAGE_PIXELS, PAGE_IMAGE_WIDTH};

/// Width and height in pixels of the image of a page of this size in points; none for a page without a size. A page
/// that would be too tall or too large is drawn smaller, and one that would be thinner than a pixel is a pixel thick.
pub fn pixels(width: f32, height: f32) -> Option<(u32, u32)> {
    let (width, height) = (f64::from(width), f64::from(height));
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return None;
    }
    let by_width = f64::from(PAGE_IMAGE_WIDTH) / width;
    let by_area = (f64::from(IMAGE_PIXELS) / width / height).sqrt();
    let scale = by_width.min(by_area).min(f64::from(IMAGE_HEIGHT) / height);
    let side = |points: f64, most: u32| ((points * scale).round() as u32).clamp(1, most);
    Some((side(width, PAGE_IMAGE_WIDTH), side(height, IMAGE_HEIGHT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_an_image_that_fits() {
        assert_eq!(pixels(595.0, 842.0), Some((1_400, 1_981)));
        assert_eq!(pixels(10.0, 10.0), Some((1_400, 1_400)));
        for (width, height) in [(1.0, 14_400.0), (2e6, 2e6), (14_400.0, 1.0), (1e-6, 1e6), (3e38, 3e38)] {
            let (wide, high) = pixels(width, height).expect("it has a size");
            assert!(wide >= 1 && high >= 1 && wide <= 1_400 && high <= IMAGE_HEIGHT);
            assert!(u64::from(wide) * u64::from(high) <= u64::from(IMAGE_PIXELS) + 20_000);
        }
        assert_eq!(pixels(0.0, 10.0), None);
        assert_eq!(pixels(f32::NAN, 10.0), None);
    }
}
