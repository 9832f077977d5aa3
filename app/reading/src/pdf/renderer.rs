//! hayro, kept from page to page.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};

use crate::image::Picture;

/// The cache of glyphs and fonts only grows, so it is made anew after so many pages.
const PAGES_A_CACHE: u32 = 100;

/// Draws pages of one document.
pub struct Renderer<'p> {
    pdf: &'p Pdf,
    settings: InterpreterSettings,
    cache: RenderCache<'p>,
    drawn: u32,
}

impl<'p> Renderer<'p> {
    pub fn new(pdf: &'p Pdf) -> Self {
        Self { pdf, settings: InterpreterSettings::default(), cache: RenderCache::new(), drawn: 0 }
    }

    /// The page on white at a size in pixels; none if hayro does not know the page or panics at it.
    pub fn draw(&mut self, number: u32, width: u32, height: u32) -> Option<Picture> {
        let page = self.pdf.pages().get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        let size = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
        if self.drawn >= PAGES_A_CACHE {
            self.forget();
        }
        self.drawn += 1;
        let result = catch_unwind(AssertUnwindSafe(|| self.render(page, size)));
        if result.is_err() {
            self.forget();
        }
        let pixels = result.ok()?;
        Some(Picture { width, height, pixels })
    }

    fn forget(&mut self) {
        self.cache = RenderCache::new();
        self.drawn = 0;
    }

    fn render(&self, page: &'p Page<'p>, (width, height): (u16, u16)) -> Vec<u8> {
        let (page_width, page_height) = page.render_dimensions();
        let scale = Affine::scale_non_uniform(
            f64::from(width) / f64::from(page_width),
            f64::from(height) / f64::from(page_height),
        );
        let mut context = RenderContext::new(width, height);
        let transform = scale * page.initial_transform(true).to_kurbo();
        render_into(page, &self.cache, &self.settings, &RenderSettings::default(), &mut context, transform);
        context.flush();
        let mut pixmap = Pixmap::new(width, height);
        let settings = RasterizerSettings { target_init: TargetInit::Clear(WHITE), ..Default::default() };
        context.render_with(&mut pixmap, &mut Resources::default(), settings);
        pixmap.data_as_u8_slice().to_vec()
    }
}
