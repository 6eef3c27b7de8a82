//! The report as one self-contained page: no script, nothing fetched.

use std::fmt::Write;

use super::failures::FailingRow;
use super::report::{CheckOutcome, CheckResult, QualityReport, shown_outcome, shown_severity};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1d232b;--soft:#5c6672;--line:#d8dde3;--paper:#fff;\
--bad:#b3261e;--warn:#9a6700;--good:#1a7f37;--bar:#3867d6}\
@media(prefers-color-scheme:dark){:root{--ink:#e7eaee;--soft:#a2abb5;--line:#363d46;\
--paper:#14181d;--bad:#ff8a80;--warn:#e3b341;--good:#56d364;--bar:#7aa2ff}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);\
max-width:68rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;\
border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;\
font-variant-numeric:tabular-nums}.bad{color:var(--bad)}.warn{color:var(--warn)}\
.good{color:var(--good)}.soft{color:var(--soft)}summary{cursor:pointer}\
.scroll{overflow-x:auto}svg{max-width:100%;height:auto}dd{margin:0 0 .4rem 1rem}\
code{font-size:.9em}";

/// Width and height of charts, in units of their view box.
const CHART: (f64, f64) = (960.0, 160.0);

impl QualityReport {
    /// The report as a page.
    pub fn to_html(&self) -> String {
        let mut page = String::with_capacity(1 << 16);
        let _ = write!(
            page,
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\">\
             <title>Data quality</title><style>{STYLE}</style>\
             <h1>Data quality</h1><p>{} products, {} lines of the log.</p>",
            self.n_products, self.n_lines
        );
        self.headline(&mut page);
        if !self.days.is_empty() {
            page.push_str("<h2>Lines a day</h2>");
            days_chart(&mut page, &self.days);
        }
        page.push_str(
            "<h2>Checks</h2><div class=\"scroll\"><table><thead><tr><th>CheckOutcome<th>Severity\
             <th>Check<th class=\"n\">Failed<th class=\"n\">Of<th>Share (mark: allowed)</thead>",
        );
        for result in &self.results {
            row(&mut page, result);
        }
        page.push_str("</table></div><h2>Failing rows</h2>");
        for result in self.results.iter().filter(|result| !result.samples.is_empty()) {
            samples(&mut page, result);
        }
        page.push_str("</html>\n");
        page
    }

    fn headline(&self, page: &mut String) {
        let blocking = self.blocking(&[]);
        if blocking.is_empty() {
            page.push_str("<p class=\"good\">Nothing keeps this from being published.</p>");
        } else {
            let names: Vec<String> = blocking.iter().map(|result| escaped(&result.name)).collect();
            let _ = write!(
                page,
                "<p class=\"bad\"><strong>Not to be published:</strong> {}.</p>",
                names.join(", ")
            );
        }
        for fault in &self.faults {
            let _ = write!(page, "<p class=\"bad\">Not run: {}</p>", escaped(&fault.to_string()));
        }
    }
}

fn class(result: &CheckResult) -> &'static str {
    match result.outcome {
        CheckOutcome::Failed if result.blocks() => "bad",
        CheckOutcome::Failed => "warn",
        CheckOutcome::Passed => "good",
        CheckOutcome::NotRun => "soft",
    }
}

fn row(page: &mut String, result: &CheckResult) {
    let note = result.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
    let _ = write!(
        page,
        "<tr><td class=\"{}\">{}<td>{}<td><code>{}</code><br><span class=\"soft\">{}{}</span>\
         <td class=\"n\">{}<td class=\"n\">{}<td>",
        class(result),
        shown_outcome(result),
        shown_severity(result.severity),
        escaped(&result.name),
        escaped(&result.what),
        escaped(&note),
        result.n_failed,
        result.n_checked,
    );
    share_bar(page, result);
}

/// The share as a bar on a square-root scale, so that small shares show.
fn share_bar(page: &mut String, result: &CheckResult) {
    let width = |share: f64| 160.0 * share.clamp(0.0, 1.0).sqrt();
    let _ = write!(
        page,
        "<svg viewBox=\"0 0 220 16\" width=\"220\" height=\"16\" role=\"img\" \
         aria-label=\"{share:.2} %\"><rect x=\"0\" y=\"3\" width=\"{bar:.1}\" height=\"10\" \
         fill=\"var(--bar)\"/><line x1=\"{mark:.1}\" x2=\"{mark:.1}\" y1=\"0\" y2=\"16\" \
         stroke=\"var(--ink)\"/><text x=\"168\" y=\"13\" font-size=\"12\" \
         fill=\"currentColor\">{share:.2} %</text></svg>",
        share = result.rate() * 100.0,
        bar = width(result.rate()),
        mark = width(result.threshold),
    );
}

fn days_chart(page: &mut String, days: &[(String, u64)]) {
    let (width, height) = CHART;
    let most = days.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1) as f64;
    let step = width / days.len() as f64;
    let _ = write!(
        page,
        "<svg viewBox=\"0 0 {width} {}\" role=\"img\" aria-label=\"lines of each day\">",
        height + 20.0
    );
    for (idx, (day, n)) in days.iter().enumerate() {
        let tall = *n as f64 / most * height;
        let _ = write!(
            page,
            "<rect x=\"{:.2}\" y=\"{:.1}\" width=\"{:.2}\" height=\"{tall:.1}\" \
             fill=\"var(--bar)\"><title>{day}: {n}</title></rect>",
            idx as f64 * step,
            height - tall,
            (step * 0.85).max(0.3),
        );
    }
    let ends = [(0.0, "start", days.first()), (width, "end", days.last())];
    for (x, anchor, day) in ends {
        let _ = write!(
            page,
            "<text x=\"{x}\" y=\"{}\" font-size=\"12\" text-anchor=\"{anchor}\" \
             fill=\"currentColor\">{}</text>",
            height + 15.0,
            day.map_or("", |(day, _)| day),
        );
    }
    let _ = write!(page, "</svg><p class=\"soft\">At most {most} lines in a day.</p>");
}

fn samples(page: &mut String, result: &CheckResult) {
    let _ = write!(
        page,
        "<details{}><summary><code>{}</code>: {} of {}</summary><dl>",
        if result.blocks() { " open" } else { "" },
        escaped(&result.name),
        result.samples.len(),
        result.n_failed,
    );
    for FailingRow { line, reason, record } in &result.samples {
        let at = if *line > 0 { format!("line {line}: ") } else { String::new() };
        let fields: Vec<String> = record
            .iter()
            .map(|(name, text)| format!("<code>{}</code> {}", escaped(name), escaped(text)))
            .collect();
        let _ =
            write!(page, "<dt>{at}{}<dd class=\"soft\">{}", escaped(reason), fields.join(" · "));
    }
    page.push_str("</dl></details>");
}

/// Text of a feed is text on the page, whatever it contains.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Checks, Failures, ReportBuilder};

    #[test]
    fn a_feed_cannot_write_the_page() {
        let checks = Checks::built_in();
        let check = checks.iter().find(|check| check.name == "html").expect("built in");
        let mut failures = Failures::default();
        failures.n_checked = 2;
        failures.fail(7, || FailingRow {
            line: 7,
            reason: "in title".into(),
            record: vec![("title".into(), "<script>alert('x')</script>".into())],
        });
        let mut builder = ReportBuilder::new(&checks);
        builder.add(check, failures, None);
        let page = builder.finish().0.to_html();
        assert!(page.contains("line 7: in title") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("<script") && !page.contains("http"), "self-contained");
    }
}
