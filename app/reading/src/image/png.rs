//! PNG files as small as the page allows. A page is mostly paper: most of its pixels are like their neighbours, and the
//! rest are the soft edges of letters, which need no 256 shades.

use std::collections::HashMap;

use png::{BitDepth, ColorType, Compression, DeflateCompression, Encoder, EncodingError, Filter};

use super::Picture;

/// A picture of which so many of a hundred pixels are like the one to their left is paper with print on it; photographs
/// and scans stay far below.
const FLAT_PERCENT: usize = 70;
/// Steps of each colour of a flat picture above black. No shade moves by more than 4 of 255, and the file is half as
/// large.
const FLAT_STEPS: u32 = 31;
/// Higher levels of compression take twice as long for a tenth of the size.
const FLAT_LEVEL: u8 = 3;

/// The picture as a PNG file: grey if it has no colours, with a palette if it has few, else with all of them.
pub fn encode(picture: &Picture) -> Result<Vec<u8>, EncodingError> {
    if !is_flat(picture) {
        return encode_as(picture, false);
    }
    let shade = shades();
    let pixels = picture.pixels.iter().map(|channel| shade[usize::from(*channel)]).collect();
    encode_as(&Picture { pixels, ..*picture }, true)
}

fn encode_as(picture: &Picture, flat: bool) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width, picture.height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let data = if is_grey(picture) {
        encoder.set_color(ColorType::Grayscale);
        picture.pixels.chunks_exact(4).map(|pixel| pixel[0]).collect()
    } else if flat && let Some((palette, indexes)) = indexed(picture) {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(palette);
        indexes
    } else {
        encoder.set_color(ColorType::Rgb);
        picture.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect::<Vec<u8>>()
    };
    if flat {
        // Runs of equal pixels compress best as they are.
        encoder.set_filter(Filter::NoFilter);
        encoder.set_deflate_compression(DeflateCompression::Level(FLAT_LEVEL));
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(file)
}

fn is_flat(picture: &Picture) -> bool {
    let pairs = picture.pixels.len() / 4;
    let same = picture.pixels.windows(8).step_by(4).filter(|pair| pair[..3] == pair[4..7]).count();
    same * 100 >= pairs * FLAT_PERCENT
}

/// What each of 256 shades becomes.
fn shades() -> [u8; 256] {
    std::array::from_fn(|shade| {
        let step = (shade as u32 * FLAT_STEPS + 127) / 255;
        ((step * 255 + FLAT_STEPS / 2) / FLAT_STEPS) as u8
    })
}

fn is_grey(picture: &Picture) -> bool {
    picture.pixels.chunks_exact(4).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
}

/// A palette of at most 256 colours and an index into it for each pixel; none if there are more colours.
fn indexed(picture: &Picture) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut palette = Vec::new();
    let mut known: HashMap<[u8; 3], u8> = HashMap::new();
    let mut indexes = Vec::with_capacity(picture.pixels.len() / 4);
    // Most pixels are like the one before.
    let mut last = None;
    for pixel in picture.pixels.chunks_exact(4) {
        let color = [pixel[0], pixel[1], pixel[2]];
        let index = match last {
            Some((same, index)) if same == color => index,
            _ => match known.get(&color) {
                Some(index) => *index,
                None => {
                    let index = u8::try_from(known.len()).ok()?;
                    known.insert(color, index);
                    palette.extend(color);
                    index
                }
            },
        };
        last = Some((color, index));
        indexes.push(index);
    }
    Some((palette, indexes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(picture: &Picture) -> (ColorType, Vec<u8>) {
        let file = encode(picture).expect("memory takes it");
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let color = decoder.read_header_info().expect("a header").color_type;
        let mut reader = decoder.read_info().expect("a header");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        reader.next_frame(&mut pixels).expect("an image");
        (color, pixels)
    }

    fn picture(color: impl Fn(u32) -> [u8; 3]) -> Picture {
        let pixels = (0..40 * 30).flat_map(|at| [&color(at)[..], &[255]].concat()).collect();
        Picture { width: 40, height: 30, pixels }
    }

    #[test]
    fn a_photograph_comes_back_as_it_was() {
        let grey = picture(|at| [at as u8; 3]);
        assert_eq!(decoded(&grey), (ColorType::Grayscale, (0..1_200).map(|at: u32| at as u8).collect()));
        let colors = picture(|at| [at as u8, (at >> 8) as u8, 7]);
        let expected = (0..1_200).flat_map(|at: u32| [at as u8, (at >> 8) as u8, 7]).collect();
        assert_eq!(decoded(&colors), (ColorType::Rgb, expected));
    }

    #[test]
    fn paper_keeps_white_and_black_and_nearly_all_else() {
        let print = |at: u32| match at % 20 {
            0 => [0, 0, 0],
            1 => [(at / 5) as u8, 100, 250],
            _ => [255, 255, 255],
        };
        let (color, pixels) = decoded(&picture(print));
        assert_eq!(color, ColorType::Indexed);
        for (at, pixel) in (0..).zip(pixels.chunks_exact(3)) {
            let wanted = print(at);
            assert!(pixel.iter().zip(wanted).all(|(is, want)| is.abs_diff(want) <= 4), "{pixel:?} {wanted:?}");
            assert!(at % 20 == 1 || pixel == wanted);
        }
    }
}
