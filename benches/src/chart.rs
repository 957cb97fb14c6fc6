//! Curves of what time grows with.

use std::io;

use plotters::prelude::*;

/// Lines of seconds against a number, side by side with others in one picture.
pub struct Curves<'a> {
    /// What grows.
    pub title: &'a str,
    /// The lines, each with its name.
    pub lines: Vec<(&'a str, Vec<(usize, f64)>)>,
}

const WIDTH: u32 = 420;
const HEIGHT: u32 = 360;
const COLORS: [RGBColor; 2] = [RGBColor(0x6b, 0x72, 0x80), RGBColor(0x1d, 0x4e, 0xd8)];

/// The picture as SVG. Both axes are logarithmic: what grows in proportion rises as the diagonal
/// from corner to corner of a square of the grid.
pub fn chart(all: &[Curves<'_>]) -> io::Result<String> {
    let mut text = String::new();
    {
        let count = u32::try_from(all.len()).unwrap_or(1);
        let area = SVGBackend::with_string(&mut text, (WIDTH * count, HEIGHT)).into_drawing_area();
        area.fill(&WHITE).map_err(io::Error::other)?;
        for (curves, panel) in all.iter().zip(area.split_evenly((1, all.len()))) {
            draw(curves, &panel).map_err(|error| io::Error::other(error.to_string()))?;
        }
        area.present().map_err(io::Error::other)?;
    }
    Ok(text)
}

type Panel<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw<'a>(
    curves: &Curves<'_>,
    panel: &Panel<'a>,
) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>> {
    let points = || curves.lines.iter().flat_map(|(_, points)| points);
    let decade = |value: f64| value.log10();
    let (first, last) = points().fold((usize::MAX, 1), |(first, last), &(number, _)| {
        (first.min(number), last.max(number))
    });
    let (least, most) = points().fold((f64::MAX, 0.0_f64), |(least, most), &(_, seconds)| {
        (least.min(seconds), most.max(seconds))
    });
    let floor = 10_f64.powf(decade(least).floor());
    let ceiling = 10_f64.powf(decade(most).ceil());
    let mut chart = ChartBuilder::on(panel)
        .caption(curves.title, ("sans-serif", 14))
        .margin(12)
        .margin_right(28)
        .x_label_area_size(34)
        .y_label_area_size(58)
        .build_cartesian_2d((first..last).log_scale(), (floor..ceiling).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_label_formatter(&|number| grouped(*number))
        .y_label_formatter(&|seconds| duration(*seconds))
        .x_labels(6)
        .y_labels(6)
        .draw()?;
    for ((name, points), color) in curves.lines.iter().zip(COLORS) {
        chart
            .draw_series(
                LineSeries::new(points.iter().copied(), color.stroke_width(2)).point_size(3),
            )?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(RGBColor(0xd1, 0xd5, 0xdb))
        .draw()
}

/// `10,000` for 10000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 0.000_95 => format!("{:.0} µs", seconds * 1e6),
        seconds if seconds < 0.95 => format!("{:.0} ms", seconds * 1e3),
        seconds => format!("{seconds:.0} s"),
    }
}
