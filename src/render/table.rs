//! Columns of text, as wide as their widest cell.

use console::{measure_text_width, strip_ansi_codes, truncate_str};

/// A column that may become narrower where a line does not fit.
#[derive(Clone, Copy, Debug)]
pub struct Shrinks {
    /// Which one, counted from 0.
    pub column: usize,
    /// How narrow it may become.
    pub least: usize,
}

/// Like [`table`]; where a line does not fit, columns become narrower, each as far as it may before the next one does.
pub fn fitted(rows: &[Vec<String>], width: Option<usize>, shrinking: &[Shrinks]) -> String {
    let Some(width) = width else { return table(rows, None) };
    let mut widths = widths(rows);
    let used = widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum::<usize>().saturating_sub(2);
    let mut excess = used.saturating_sub(width);
    for Shrinks { column, least } in shrinking {
        if let Some(own) = widths.get_mut(*column) {
            let cut = excess.min(own.saturating_sub(*least));
            *own -= cut;
            excess -= cut;
        }
    }
    let fit = |(cell, width): (&String, &usize)| cut(cell, *width);
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().zip(&widths).map(fit).collect()).collect();
    table(&rows, Some(width))
}

/// A cell that is at most so wide. Words lose their end; of one word, such as a name, the middle goes, since names of a
/// kind often begin alike.
fn cut(cell: &str, width: usize) -> String {
    let plain = strip_ansi_codes(cell);
    let name = plain.trim_start();
    let indent = plain.len() - name.len();
    let room = width.saturating_sub(indent);
    if measure_text_width(name) <= room || name.contains(' ') || room < 3 {
        return truncate_str(cell, width, "…").into_owned();
    }
    let end_width = (room - 1).div_ceil(2);
    let begin = truncate_str(name, room - 1 - end_width, "");
    let end = name.char_indices().map(|(at, _)| &name[at..]).find(|rest| measure_text_width(rest) <= end_width);
    cell.replacen(name, &format!("{begin}…{}", end.unwrap_or_default()), 1)
}

/// How wide each column is.
pub fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            widths[index] = widths[index].max(measure_text_width(cell));
        }
    }
    widths
}

/// A label in a column of its own, and words beside it, broken into lines where there is a width. A word that is longer
/// than a line, such as a URL, stays whole. A label that is longer than its column pushes the words of its line away, or
/// stands on a line of its own.
pub fn wrapped(label: &str, indent: usize, words: &str, width: Option<usize>) -> String {
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(20));
    let pushed = match measure_text_width(label) {
        0 => 0,
        own => (own + 2).saturating_sub(indent),
    };
    let first = words.split(' ').next().map_or(0, measure_text_width);
    if pushed > 0 && pushed + first > room {
        return format!("{label}\n{}", wrapped("", indent, words, width));
    }
    let mut lines: Vec<(String, usize)> = Vec::new();
    for word in words.split(' ') {
        let own = measure_text_width(word);
        match lines.last_mut() {
            Some((line, used)) if *used + 1 + own <= room => {
                line.push(' ');
                line.push_str(word);
                *used += 1 + own;
            }
            None => lines.push((word.to_owned(), pushed + own)),
            _ => lines.push((word.to_owned(), own)),
        }
    }
    let mut text = String::new();
    for (index, (line, _)) in lines.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let pad = if index == 0 { indent + pushed - measure_text_width(label) } else { indent };
        text.push_str(&format!("{label}{}{line}\n", " ".repeat(pad)));
    }
    text
}

/// Lays rows out in columns, two blanks apart. The last column is not padded; with a width, lines are cut to it.
pub fn table(rows: &[Vec<String>], width: Option<usize>) -> String {
    let widths = widths(rows);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, cell) in row.iter().enumerate() {
            line.push_str(cell);
            if row[index + 1..].iter().any(|cell| !cell.is_empty()) {
                let pad = widths[index].saturating_sub(measure_text_width(cell)) + 2;
                line.extend(std::iter::repeat_n(' ', pad));
            }
        }
        match width {
            Some(width) => text.push_str(&truncate_str(line.trim_end(), width, "…")),
            None => text.push_str(line.trim_end()),
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn columns_line_up_and_lines_end_without_blanks() {
        let text = table(&rows(&[&["a", "bb", "c"], &["größe", "", "d"], &["x", "y", ""]]), None);
        assert_eq!(text, "a      bb  c\ngröße      d\nx      y\n");
    }

    #[test]
    fn a_narrow_terminal_cuts_lines() {
        assert_eq!(table(&rows(&[&["abcdef", "gh"]]), Some(5)), "abcd…\n");
    }

    #[test]
    fn columns_become_narrower_in_turn_where_a_line_does_not_fit() {
        let rows = rows(&[&["a name", "1.0.0", "what is said", "Ada"], &["b", "1.1.0", "less", "Robin Hood"]]);
        let shrinking = [Shrinks { column: 3, least: 5 }, Shrinks { column: 2, least: 6 }];
        let of = |width| fitted(&rows, width, &shrinking);
        assert_eq!(of(None), table(&rows, None));
        assert_eq!(of(Some(39)), of(None));
        assert_eq!(of(Some(36)), "a name  1.0.0  what is said  Ada\nb       1.1.0  less          Robin …\n");
        assert_eq!(of(Some(30)), "a name  1.0.0  what is…  Ada\nb       1.1.0  less      Robi…\n");
        // Below the least of all, lines are cut.
        assert_eq!(of(Some(14)), "a name  1.0.0…\nb       1.1.0…\n");
    }

    #[test]
    fn of_names_that_begin_alike_the_end_stays() {
        let names = rows(&[&["  component-with-a-name-01", "x"], &["  component-with-a-name-02", "größe der Dinge"]]);
        let shrinking = [Shrinks { column: 0, least: 14 }, Shrinks { column: 1, least: 6 }];
        let text = fitted(&names, Some(22), &shrinking);
        assert_eq!(text, "  compo…ame-01  x\n  compo…ame-02  größe…\n");
        assert_eq!(cut("\u{1b}[1mcomponent\u{1b}[0m", 5), "\u{1b}[1mco…nt\u{1b}[0m");
        assert_eq!((cut("日本語の名前", 7).as_str(), cut("abcd", 2).as_str()), ("日…前", "a…"));
    }

    #[test]
    fn words_are_broken_into_lines_and_a_long_one_stays_whole() {
        let url = "https://example.com/a/long/way";
        let text = wrapped("see", 5, &format!("here or {url} or there"), Some(26));
        assert_eq!(text, format!("see  here or\n     {url}\n     or there\n"));
        assert_eq!(wrapped("see", 5, "a b", None), "see  a b\n");
        assert_eq!(wrapped("see below", 5, "a b", None), "see below  a b\n");
        let line = "see below";
        assert_eq!(wrapped(line, 5, "one two three four five", Some(26)), "see below  one two three\n     four five\n");
        assert_eq!(wrapped(line, 5, "one-two-three-four-five", Some(26)), "see below\n     one-two-three-four-five\n");
    }
}
