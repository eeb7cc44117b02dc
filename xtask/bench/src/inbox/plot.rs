//! Plot of `bench inbox --plot`: the cost of a push by the number of stored events, as an SVG of lines.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Space around the plot for its texts.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 3] = ["#1b6ca8", "#c0392b", "#2e7d32"];

/// A contestant's pushes per second, relative to the bare receiver's, by the number of stored events.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(u64, f64)>,
}

/// Draws the lines over a logarithmic axis.
pub(super) fn svg(title: &str, lines: &[Line]) -> String {
    let sizes: Vec<u64> =
        lines.first().map(|line| line.points.iter().map(|point| point.0).collect()).unwrap_or_default();
    let (first, last) = (decades(sizes.first().copied()), decades(sizes.last().copied()));
    let highest = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(0.1, f64::max);
    let top = (highest * 10.0).ceil() / 10.0;
    let x = |size: u64| LEFT + (decades(Some(size)) - first) / (last - first).max(1e-9) * (WIDTH - LEFT - RIGHT);
    let y = |ratio: f64| HEIGHT - BOTTOM - ratio / top * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{title}</text>\n"
    );
    for step in 0..=5 {
        let ratio = top * f64::from(step) / 5.0;
        let (right, at) = (WIDTH - RIGHT, y(ratio));
        _ = writeln!(svg, "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>");
        text(&mut svg, LEFT - 8.0, at + 4.0, "end", &format!("{ratio:.2}"));
    }
    for size in &sizes {
        text(&mut svg, x(*size), HEIGHT - BOTTOM + 20.0, "middle", &short(*size));
    }
    text(&mut svg, f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 10.0, "middle", "events that are stored already");
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let points: Vec<_> =
            line.points.iter().map(|(size, ratio)| format!("{:.1},{:.1}", x(*size), y(*ratio))).collect();
        let points = points.join(" ");
        _ = writeln!(svg, "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
        if let Some((size, ratio)) = line.points.last() {
            _ = write!(svg, "<g fill=\"{colour}\">");
            text(&mut svg, x(*size) + 8.0, y(*ratio) + 4.0, "start", line.name);
            svg.push_str("</g>\n");
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>");
}

#[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
fn decades(size: Option<u64>) -> f64 {
    (size.unwrap_or(1) as f64).log10()
}

/// A number with its thousands or millions named.
fn short(size: u64) -> String {
    match size {
        1_000_000.. => format!("{} million", size / 1_000_000),
        1_000.. => format!("{} thousand", size / 1_000),
        _ => size.to_string(),
    }
}
