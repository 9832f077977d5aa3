//! Making a picture smaller by averaging the pixels that fall into one.

use super::Picture;

/// The picture at `width` pixels, which must be fewer than it has; the height follows, but is at least one pixel.
pub fn to_width(picture: &Picture, width: u32) -> Picture {
    let height = (u64::from(picture.height) * u64::from(width) / u64::from(picture.width)).max(1) as u32;
    let columns = bounds(picture.width, width);
    let row_bytes = picture.width as usize * 4;
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 4);
    let mut sums = vec![[0u32; 3]; width as usize];
    for (top, bottom) in bounds(picture.height, height) {
        sums.fill([0; 3]);
        for row in picture.pixels[top * row_bytes..bottom * row_bytes].chunks_exact(row_bytes) {
            add_row(&mut sums, &columns, row);
        }
        for (sum, (left, right)) in sums.iter().zip(&columns) {
            let count = ((right - left) * (bottom - top)) as u32;
            pixels.extend(sum.map(|sum| ((sum + count / 2) / count) as u8));
            pixels.push(u8::MAX);
        }
    }
    Picture { width, height, pixels }
}

fn add_row(sums: &mut [[u32; 3]], columns: &[(usize, usize)], row: &[u8]) {
    for (sum, (left, right)) in sums.iter_mut().zip(columns) {
        for pixel in row[left * 4..right * 4].chunks_exact(4) {
            for (sum, channel) in sum.iter_mut().zip(pixel) {
                *sum += u32::from(*channel);
            }
        }
    }
}

/// Which of `from` pixels fall into each of `to`: every one into one, and at least one into each.
fn bounds(from: u32, to: u32) -> Vec<(usize, usize)> {
    let at = |index: u32| (u64::from(index) * u64::from(from) / u64::from(to)) as usize;
    (0..to).map(|index| (at(index), at(index + 1).max(at(index) + 1).min(from as usize))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_averaged() {
        let pixels = [[0, 0, 0, 255], [255, 255, 255, 255], [10, 20, 30, 255], [20, 40, 50, 255]].concat();
        let small = to_width(&Picture { width: 4, height: 1, pixels }, 2);
        assert_eq!((small.width, small.height), (2, 1));
        assert_eq!(small.pixels, [128, 128, 128, 255, 15, 30, 40, 255]);
    }

    #[test]
    fn sizes_that_do_not_divide_keep_every_pixel_inside() {
        let picture = Picture { width: 1_001, height: 733, pixels: vec![200; 1_001 * 733 * 4] };
        let small = to_width(&picture, 240);
        assert_eq!((small.width, small.height), (240, 175));
        assert!(small.pixels.chunks_exact(4).all(|pixel| pixel[..3] == [200, 200, 200]));
    }
}
