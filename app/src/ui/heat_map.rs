//! How often something happened, by time and by size, as fields that are the darker the more there was. It is drawn by the server.

use leptos::prelude::*;

/// The size of a field, and the room for the names beside and below the fields, in units of the drawing.
const FIELD: usize = 12;
const LINE: usize = 16;
const SIDE: usize = 64;
const FOOT: usize = 20;

/// Shades, of which the darkest is the most that there was.
const SHADES: u32 = 5;

/// Fields in columns (earlier to later) and rows (more above less). A table beside it has to say the same: for screen readers the
/// map is one picture with a name.
#[component]
pub fn HeatMap(
    /// What it shows, with what there is to say of it.
    #[prop(into)]
    label: String,
    /// The names of the columns, of which the first and the last are shown.
    columns: Vec<String>,
    /// The names of the rows, the least first.
    rows: Vec<String>,
    /// How often, by column and then by row.
    counts: Vec<Vec<i64>>,
) -> impl IntoView {
    let most = counts.iter().flatten().copied().max().unwrap_or(0);
    let (width, foot) = (SIDE + columns.len() * FIELD, rows.len() * LINE);
    let height = foot + FOOT;
    let y_of = |row: usize| foot - (row + 1) * LINE;
    let names: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(row, name)| {
            let y = (y_of(row) + 12).to_string();
            view! {
                <text class="heat-map-name" x="0" y=y>
                    {name.clone()}
                </text>
            }
        })
        .collect();
    let fields: Vec<_> = counts
        .iter()
        .enumerate()
        .flat_map(|(column, counts)| counts.iter().enumerate().map(move |(row, count)| (column, row, *count)))
        .map(|(column, row, count)| {
            let class = match shade(count, most) {
                0 => "heat-map-none".to_owned(),
                shade => format!("heat-map-{shade}"),
            };
            view! {
                <rect
                    class=class
                    x=(SIDE + column * FIELD).to_string()
                    y=y_of(row).to_string()
                    width=(FIELD - 1).to_string()
                    height=(LINE - 1).to_string()
                ></rect>
            }
        })
        .collect();
    let (first, last) = (columns.first().cloned(), columns.last().cloned());
    view! {
        <div class="wide-chart" tabindex="0" role="group" aria-label="Chart">
            <svg class="heat-map" viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
                {names} {fields} <text class="heat-map-name" x=SIDE.to_string() y=(height - 6).to_string()>
                    {first}
                </text>
                <text class="heat-map-name" x=width.to_string() y=(height - 6).to_string() text-anchor="end">
                    {last}
                </text>
            </svg>
        </div>
    }
}

/// None is 0, and the most is the darkest; between them, twice as many is not twice as dark, so that a few slow ones are seen beside
/// many quick ones.
fn shade(count: i64, most: i64) -> u32 {
    if count <= 0 {
        return 0;
    }
    let share = (count as f64 + 1.0).ln() / (most.max(count) as f64 + 1.0).ln();
    ((share * f64::from(SHADES)).ceil() as u32).clamp(1, SHADES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_darkest_and_one_is_seen() {
        assert_eq!([0, -1, 1, 100, 100_000].map(|count| shade(count, 100_000)), [0, 0, 1, 3, 5]);
        assert_eq!(shade(1, 1), SHADES);
    }
}
