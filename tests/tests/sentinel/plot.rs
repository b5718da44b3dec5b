//! The curves as a drawing: stated across, observed up, the larger the dot the more verdicts.

use crate::calibration::Curve;
use std::fmt::Write as _;

/// Colours that also people who do not tell red from green tell apart (Okabe and Ito).
const COLOURS: [&str; 10] =
    ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f", "#f0e442", "#882255"];

const SIDE: f64 = 400.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 20.0;

fn at(stated: f64, observed: f64) -> (f64, f64) {
    (LEFT + stated / 100.0 * SIDE, TOP + (100.0 - observed) / 100.0 * SIDE)
}

pub(crate) fn svg(curves: &[(String, Curve)]) -> String {
    let mut out = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 700 480\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>Stated confidence against observed share of right verdicts</title>\n\
         <rect width=\"700\" height=\"480\" fill=\"#ffffff\"/>\n",
    );
    for tick in (0..=100).step_by(20) {
        let ((x, bottom), (left, y)) = (at(f64::from(tick), 0.0), at(0.0, f64::from(tick)));
        let (right, top) = (LEFT + SIDE, TOP);
        let _ =
            writeln!(out, "<path d=\"M{x:.0} {bottom:.0}V{top:.0}M{left:.0} {y:.0}H{right:.0}\" stroke=\"#dddddd\"/>");
        let _ = writeln!(out, "<text x=\"{x:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{tick}</text>", bottom + 16.0);
        let _ = writeln!(out, "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{tick}</text>", left - 6.0, y + 4.0);
    }
    let ((x1, y1), (x2, y2)) = (at(0.0, 0.0), at(100.0, 100.0));
    let _ = writeln!(out, "<path d=\"M{x1:.0} {y1:.0}L{x2:.0} {y2:.0}\" stroke=\"#999999\" stroke-dasharray=\"4 4\"/>");
    let _ = writeln!(
        out,
        "<text x=\"{:.0}\" y=\"470\" text-anchor=\"middle\">stated confidence, percent</text>",
        LEFT + SIDE / 2.0
    );
    let _ = writeln!(
        out,
        "<text transform=\"translate(16 {:.0}) rotate(-90)\" text-anchor=\"middle\">observed right, percent</text>",
        TOP + SIDE / 2.0
    );
    for (number, (title, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let mut path = String::new();
        let mut dots = String::new();
        for bucket in curve.buckets.iter().filter(|bucket| bucket.verdicts > 0) {
            let (x, y) = at(bucket.stated(), bucket.observed());
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { "M" } else { "L" });
            let radius = 1.5 + (bucket.verdicts as f64).log10() * 1.5;
            let _ = writeln!(dots, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\"/>");
        }
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-opacity=\"0.5\"/>\n{}",
            dots.trim_end()
        );
        let y = 40 + number * 20;
        let _ = writeln!(
            out,
            "<circle cx=\"490\" cy=\"{}\" r=\"4\" fill=\"{colour}\"/><text x=\"500\" y=\"{y}\">{title}</text>",
            y - 4
        );
    }
    out.push_str("</svg>\n");
    out
}
