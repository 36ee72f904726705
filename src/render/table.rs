//! Columns of text, as wide as their widest cell.

use console::measure_text_width;

/// Lays rows out in columns, two blanks apart. The last column is not padded; with a width, lines are cut to it.
pub fn table(rows: &[Vec<String>], width: Option<usize>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut widths = vec![0; columns];
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            widths[index] = widths[index].max(measure_text_width(cell));
        }
    }
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
            Some(width) => text.push_str(&console::truncate_str(line.trim_end(), width, "…")),
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
}
