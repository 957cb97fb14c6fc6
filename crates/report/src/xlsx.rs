//! The report as a workbook for Excel and its like, with sheets for the overview, the items of a
//! catalogue if one was asked for, the answers, the controls and what the estate holds.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Url, Workbook, Worksheet, XlsxError,
};

use crate::answer_table::{COLUMNS, Cell, last, rows};
use crate::roll_up;
use crate::{Counts, FrameworkSummary, InventoryItem, RecommendationSummary, Report};
use palisade_controls::page::section;

/// The most rows that a sheet holds, with its heading.
const MOST_ROWS: u32 = 1_048_576;
/// The most characters that a cell holds.
const LONGEST_CELL: usize = 32_767;
/// The most links that a sheet holds.
const MOST_LINKS: u32 = 65_530;

/// The bytes of the workbook.
///
/// # Errors
/// When the workbook can't be put together, which would be a defect here.
pub fn render(report: &Report, inventory: &[InventoryItem]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report)?);
    let styles = Styles::new();
    overview(report, &styles, workbook.add_worksheet())?;
    if let Some(summary) = &report.framework {
        framework(summary, &styles, workbook.add_worksheet())?;
    }
    findings(report, &styles, workbook.add_worksheet())?;
    controls(report, &styles, workbook.add_worksheet())?;
    inventory_sheet(inventory, &styles, workbook.add_worksheet())?;
    workbook.save_to_buffer()
}

/// The day of the audit stands for the time of writing, so that the same report gives the same
/// bytes.
fn properties(report: &Report) -> Result<DocProperties, XlsxError> {
    let day = ExcelDateTime::parse_from_str(&report.as_of)?;
    Ok(DocProperties::new()
        .set_title("Palisade: network security of Azure Kubernetes Service")
        .set_author(format!("palisade {}", report.tool.version))
        .set_creation_datetime(&day))
}

struct Styles {
    heading: Format,
    title: Format,
    text: Format,
    number: Format,
    wrapped: Format,
    severities: [(&'static str, Format); 5],
}

impl Styles {
    fn new() -> Self {
        let text = Format::new().set_align(FormatAlign::Top);
        let severity = |colour: u32| text.clone().set_font_color(Color::RGB(colour)).set_bold();
        Self {
            heading: Format::new()
                .set_bold()
                .set_font_color(Color::White)
                .set_background_color(Color::RGB(0x1F_3A_5F)),
            title: Format::new().set_bold().set_font_size(16),
            wrapped: text.clone().set_text_wrap(),
            // Below headings that stand on the left.
            number: text.clone().set_align(FormatAlign::Left),
            severities: [
                ("critical", severity(0x8B_00_1A)),
                ("high", severity(0xC0_39_00)),
                ("medium", severity(0x9A_67_00)),
                ("low", severity(0x1F_5F_99)),
                ("info", severity(0x59_63_6E)),
            ],
            text,
        }
    }

    /// Severities are told apart by colour as well as by word.
    fn of(&self, text: &str) -> &Format {
        self.severities
            .iter()
            .find(|(severity, _)| *severity == text)
            .map_or(&self.text, |(_, format)| format)
    }
}

/// A sheet being filled from the top.
struct Table<'s> {
    sheet: &'s mut Worksheet,
    styles: &'s Styles,
    row: u32,
    column: u16,
}

impl<'s> Table<'s> {
    fn start(sheet: &'s mut Worksheet, styles: &'s Styles, row: u32) -> Self {
        Self {
            sheet,
            styles,
            row,
            column: 0,
        }
    }

    fn headings(&mut self, headings: &[&str]) -> Result<(), XlsxError> {
        let format = self.styles.heading.clone();
        for (column, heading) in (0..).zip(headings) {
            self.sheet
                .write_string_with_format(self.row, column, *heading, &format)?;
        }
        self.next_row();
        Ok(())
    }

    /// Text is written as text: it is never a formula, whatever it starts with.
    fn styled(&mut self, text: &str, format: &Format) -> Result<&mut Self, XlsxError> {
        if !text.is_empty() {
            self.sheet
                .write_string_with_format(self.row, self.column, clip(text), format)?;
        }
        self.column += 1;
        Ok(self)
    }

    fn text(&mut self, text: &str) -> Result<&mut Self, XlsxError> {
        self.styled(text, &self.styles.text)
    }

    fn severity(&mut self, severity: &str) -> Result<&mut Self, XlsxError> {
        self.styled(severity, self.styles.of(severity))
    }

    fn wrapped(&mut self, text: &str) -> Result<&mut Self, XlsxError> {
        self.styled(text, &self.styles.wrapped)
    }

    fn number(&mut self, number: impl Into<f64>) -> Result<&mut Self, XlsxError> {
        self.sheet
            .write_number_with_format(self.row, self.column, number, &self.styles.number)?;
        self.column += 1;
        Ok(self)
    }

    fn score(&mut self, score: Option<u8>) -> Result<&mut Self, XlsxError> {
        match score {
            Some(score) => self.number(score),
            None => self.text("-"),
        }
    }

    fn counts(&mut self, counts: &Counts) -> Result<&mut Self, XlsxError> {
        for number in [
            counts.fail,
            counts.unknown,
            counts.waived,
            counts.pass,
            counts.not_applicable,
        ] {
            self.number(number as f64)?;
        }
        Ok(self)
    }

    fn roll_up(
        &mut self,
        row: &roll_up::Row<'_>,
        recommendations: &[RecommendationSummary],
    ) -> Result<&mut Self, XlsxError> {
        self.text(&row.name)?.score(row.score)?;
        self.number(row.counts.fail as f64)?;
        self.number(row.counts.unknown as f64)?;
        self.severity(row.worst.unwrap_or_default())?;
        for one in recommendations {
            self.score(one.score)?;
        }
        Ok(self)
    }

    fn link(&mut self, target: &str, text: &str) -> Result<&mut Self, XlsxError> {
        if self.row < MOST_LINKS {
            let url = Url::new(target).set_text(text);
            self.sheet
                .write_url_with_format(self.row, self.column, url, &self.styles.text)?;
            self.column += 1;
            Ok(self)
        } else {
            self.text(text)
        }
    }

    fn next_row(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    /// Whether a sheet has room for one more row and a note below it.
    fn is_full(&self) -> bool {
        self.row + 2 >= MOST_ROWS
    }

    /// Freezes the heading, and puts a filter on the columns.
    fn finish(&mut self, widths: &[u16]) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip(widths) {
            self.sheet.set_column_width(column, *width)?;
        }
        self.sheet.set_freeze_panes(1, 0)?;
        self.sheet.set_landscape().set_print_fit_to_pages(1, 0);
        if let (Some(last_row), Ok(columns)) =
            (self.row.checked_sub(1), u16::try_from(widths.len()))
        {
            self.sheet.autofilter(0, 0, last_row, columns - 1)?;
        }
        Ok(())
    }
}

fn clip(text: &str) -> String {
    text.chars().take(LONGEST_CELL).collect()
}

fn overview(report: &Report, styles: &Styles, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Overview")?;
    sheet.write_string_with_format(0, 0, "Palisade", &styles.title)?;
    let mut table = Table::start(sheet, styles, 2);
    table.text("as of")?.text(&report.as_of)?.next_row();
    table.text("score")?.score(report.score)?.next_row();
    let input = &report.input;
    for (word, number) in [
        ("files", input.files),
        ("Azure resources", input.resources),
        ("Kubernetes objects", input.objects),
        ("defects of files", input.diagnostics.len()),
        ("files left aside", input.not_understood.len()),
    ] {
        table.text(word)?.number(number as f64)?.next_row();
    }
    table.next_row();
    table.headings(&[
        "recommendation",
        "score",
        "fail",
        "unknown",
        "waived",
        "pass",
        "not applicable",
        "worst",
    ])?;
    for one in &report.recommendations {
        table
            .text(&format!("{}. {}", one.number, one.title))?
            .score(one.score)?
            .counts(&one.counts)?
            .severity(one.worst.as_deref().unwrap_or_default())?
            .next_row();
    }
    table.next_row();
    roll_ups(report, &mut table)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_column_width(0, 38)?;
    sheet.set_column_range_width(1, 17, 12)?;
    Ok(())
}

/// A row a subscription and a row a cluster, with scores by recommendation, the worst first.
fn roll_ups(report: &Report, table: &mut Table<'_>) -> Result<(), XlsxError> {
    let prefixes = report.recommendations.iter().map(|one| one.prefix.as_str());
    let prefixes: Vec<_> = prefixes.collect();
    let start = |word| {
        [
            &[word, "score", "fail", "unknown", "worst"],
            prefixes.as_slice(),
        ]
        .concat()
    };
    let subscriptions = roll_up::subscription_rows(report);
    if !subscriptions.is_empty() {
        table.headings(&[start("subscription").as_slice(), &["clusters"]].concat())?;
        for row in &subscriptions {
            let one = &report.subscriptions[row.place];
            table.roll_up(row, &one.recommendations)?;
            table.number(one.clusters as f64)?.next_row();
        }
        table.next_row();
    }
    let clusters = roll_up::cluster_rows(report);
    if !clusters.is_empty() {
        let end = ["region", "subscription", "id"];
        table.headings(&[start("cluster").as_slice(), &end].concat())?;
    }
    for row in &clusters {
        let one = &report.clusters[row.place];
        table.roll_up(row, &one.recommendations)?;
        table
            .text(one.location.as_deref().unwrap_or_default())?
            .text(&one.subscription)?
            .text(&one.id)?
            .next_row();
    }
    Ok(())
}

/// A row an item of the catalogue.
fn framework(
    framework: &FrameworkSummary,
    styles: &Styles,
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    sheet.set_name("Framework")?;
    let mut table = Table::start(sheet, styles, 0);
    table.headings(&[
        "catalogue",
        "item",
        "asks for",
        "result",
        "controls",
        "fail",
        "unknown",
        "waived",
        "pass",
        "not applicable",
        "note",
    ])?;
    for item in &framework.items {
        table
            .text(&framework.title)?
            .text(&item.id)?
            .wrapped(&item.title)?
            .text(&item.result)?
            .wrapped(&item.controls.join(", "))?
            .counts(&item.counts)?
            .wrapped(item.note.as_deref().unwrap_or_default())?
            .next_row();
    }
    table.finish(&[30, 14, 60, 14, 30, 7, 9, 8, 7, 14, 70])
}

fn findings(report: &Report, styles: &Styles, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Findings")?;
    let mut table = Table::start(sheet, styles, 0);
    let titles: Vec<_> = COLUMNS.iter().map(|column| column.title).collect();
    table.headings(&titles)?;
    let row_of = |code: &str| {
        let place = report
            .controls
            .iter()
            .position(|control| control.code == code);
        // The heading is row 1.
        place.map(|place| place + 2)
    };
    for row in rows(report) {
        if table.is_full() {
            let left = report.findings.len() + 1 - table.row as usize;
            table
                .text(&format!("{left} more don't fit in a sheet"))?
                .next_row();
            break;
        }
        for column in &COLUMNS {
            match ((column.cell)(&row), column.title) {
                (Cell::Text(code), "control") => match row_of(&code) {
                    Some(place) => table.link(&format!("internal:Controls!A{place}"), &code)?,
                    None => table.text(&code)?,
                },
                (Cell::Text(severity), "severity") => table.severity(&severity)?,
                (Cell::Text(text), _) => table.text(&text)?,
                (Cell::Number(number), _) => table.number(number)?,
                (Cell::Empty, _) => table.text("")?,
            };
        }
        table.next_row();
    }
    let widths: Vec<_> = COLUMNS.iter().map(|column| column.width).collect();
    table.finish(&widths)
}

fn controls(report: &Report, styles: &Styles, sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Controls")?;
    let mut table = Table::start(sheet, styles, 0);
    table.headings(&[
        "control",
        "name",
        "expected",
        "recommendation",
        "severity",
        "fail",
        "unknown",
        "waived",
        "pass",
        "not applicable",
        "what it checks",
        "why it matters",
        "equivalents",
        "reference",
    ])?;
    for control in &report.controls {
        let equivalents: Vec<_> = control
            .equivalents
            .iter()
            .map(|other| format!("{}: {}", other.framework, other.id))
            .collect();
        table
            .text(&control.code)?
            .text(&control.name)?
            .text(&control.title)?
            .number(control.recommendation)?
            .severity(&control.severity)?
            .counts(&control.counts)?
            .wrapped(section(&control.page, "What it checks"))?
            .wrapped(section(&control.page, "Why it matters"))?
            .wrapped(&equivalents.join("\n"))?;
        if let Some(address) = crate::ocsf::references(&control.page).first() {
            table.link(address, address)?;
        }
        table.next_row();
    }
    table.finish(&[9, 38, 60, 15, 9, 7, 9, 8, 7, 14, 70, 70, 44, 60])
}

fn inventory_sheet(
    inventory: &[InventoryItem],
    styles: &Styles,
    sheet: &mut Worksheet,
) -> Result<(), XlsxError> {
    sheet.set_name("Inventory")?;
    let mut table = Table::start(sheet, styles, 0);
    table.headings(&[
        "kind",
        "type",
        "name",
        "namespace",
        "cluster",
        "subscription",
        "resource group",
        "region",
        "id",
        "path",
        "line",
    ])?;
    for item in inventory {
        if table.is_full() {
            let left = inventory.len() + 1 - table.row as usize;
            table
                .text(&format!("{left} more don't fit in a sheet"))?
                .next_row();
            break;
        }
        for text in [
            item.kind,
            &item.item_type,
            &item.name,
            &item.namespace,
            last(&item.cluster),
            &item.subscription,
            &item.resource_group,
            &item.location,
            &item.id,
            &item.path,
        ] {
            table.text(text)?;
        }
        table.number(item.line)?.next_row();
    }
    table.finish(&[10, 48, 34, 24, 24, 38, 24, 14, 80, 40, 7])
}
