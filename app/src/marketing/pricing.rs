//! What it costs: nothing yet.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    routes,
    ui::{Button, ButtonSize, ButtonVariant, PublicLayout},
};

/// The page at [`routes::PRICING`].
#[component]
pub fn Pricing() -> impl IntoView {
    view! {
        <Title text="Pricing" />
        <PublicLayout>
            <section class="hero">
                <h1 class="hero-title">"Free during the preview."</h1>
                <p class="hero-lede">
                    "Plans come later, and you will hear of them by mail before anything costs money. Until then a "
                    "workspace has every feature and no card is asked for."
                </p>
                <div class="hero-actions">
                    <Button variant=ButtonVariant::Primary size=ButtonSize::Large href=routes::SIGN_UP>
                        "Create a workspace"
                    </Button>
                </div>
            </section>
        </PublicLayout>
    }
}
