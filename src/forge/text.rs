//! relman's part of a description: between two marks that no page shows, with a person's words around it.

use crate::domain::history::trailers;

/// Begins relman's part of a pull request that relman opened.
///
/// A definition of a link that nothing uses: every forge's Markdown hides it, while Bitbucket shows HTML comments.
const OPENED: &str = "[//]: # (relman begins)";

/// Begins relman's part of a pull request that a person opened, whose title is theirs.
const ADDED: &str = "[//]: # (relman begins, title kept)";

/// Ends relman's part; the facts stand below it, last, since a squash may take the text for the message of its commit.
const END: &str = "[//]: # (relman ends)";

/// Whose a pull request is, as its description says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// relman opened it: its title and its part of the text are relman's.
    Relmans,
    /// A person opened it, and relman has added a part to its text.
    Shared,
    /// A person's alone.
    Persons,
}

/// Whose pull request this description is of.
pub fn whose(text: &str) -> Whose {
    match text.lines().map(str::trim).find(|line| [OPENED, ADDED].contains(line)) {
        Some(OPENED) => Whose::Relmans,
        Some(_) => Whose::Shared,
        None => Whose::Persons,
    }
}

/// The description that is wanted, put into the one that is there: a person's words stay. `None`: there is none yet.
///
/// A text of more than `limit` characters is cut in relman's part; how many lines of it are left out is returned.
pub fn put_into(current: Option<&str>, wanted: &str, limit: usize) -> (String, usize) {
    let current = current.map(normal);
    let (begin, before, after) = match current.as_deref().map(|text| (whose(text), text)) {
        None => (OPENED, String::new(), String::new()),
        Some((Whose::Persons, text)) => (ADDED, text.trim().to_owned(), String::new()),
        Some((whose, text)) => {
            let (before, after) = around(text);
            (if whose == Whose::Relmans { OPENED } else { ADDED }, before, after)
        }
    };
    let (part, facts) = split(wanted);
    let whole = |part: &str| {
        let pieces = [before.as_str(), begin, part, END, after.as_str(), facts.as_str()];
        let pieces: Vec<&str> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        format!("{}\n", pieces.join("\n\n"))
    };
    let text = whole(&part);
    if text.chars().count() <= limit {
        return (text, 0);
    }
    let room = limit.saturating_sub(whole("").chars().count() + 2);
    let (part, left_out) = cut(&part, room);
    (whole(&part), left_out)
}

fn normal(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn is_mark(line: &str) -> bool {
    [OPENED, ADDED, END].contains(&line.trim())
}

/// What stands before and after relman's part. Where its end is gone, all below its beginning is relman's.
fn around(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| is_mark(line) && line.trim() != END).unwrap_or(lines.len());
    let end = lines[begin..].iter().position(|line| line.trim() == END).map_or(lines.len(), |at| begin + at + 1);
    let after = lines[end..].join("\n");
    let words = paragraphs(&after).filter(|paragraph| !is_facts(paragraph) && !is_mark(paragraph));
    (lines[..begin].join("\n").trim().to_owned(), words.collect::<Vec<_>>().join("\n\n"))
}

/// A text that relman has written, as what is to be read and the facts at its end; marks in it would be taken for ours.
fn split(wanted: &str) -> (String, String) {
    let text = normal(wanted);
    let text: Vec<&str> = text.lines().filter(|line| !is_mark(line)).collect();
    let text = text.join("\n");
    let text = text.trim();
    match text.rsplit_once("\n\n") {
        Some((part, facts)) if is_facts(facts) => (part.trim_end().to_owned(), facts.to_owned()),
        None if is_facts(text) => (String::new(), text.to_owned()),
        _ => (text.to_owned(), String::new()),
    }
}

fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|paragraph| !paragraph.trim().is_empty())
}

/// Whether a paragraph is the trailers of a promotion.
fn is_facts(paragraph: &str) -> bool {
    // Trailers never stand in a subject.
    trailers(&format!("-\n\n{paragraph}")).any(|(key, _)| key == "Version")
}

/// The first lines of a text, and a line that says how many are missing.
fn cut(text: &str, limit: usize) -> (String, usize) {
    const ROOM_FOR_WORDS: usize = 80;
    let lines: Vec<&str> = text.lines().collect();
    let mut room = limit.saturating_sub(ROOM_FOR_WORDS);
    let mut kept = 0;
    for line in &lines {
        let length = line.chars().count() + 1;
        if length > room {
            break;
        }
        room -= length;
        kept += 1;
    }
    let left_out = lines.len() - kept;
    let first = lines[..kept].join("\n");
    (format!("{}\n\n… and {left_out} more lines, which do not fit here.", first.trim_end()).trim().to_owned(), left_out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WANTED: &str = "Brings **1.2.0**\n\n* one\n* two\n\nPromoted-From: environment/qa@1\nVersion: 1.2.0\n";

    fn put(current: Option<&str>, wanted: &str) -> String {
        put_into(current, wanted, 10_000).0
    }

    #[test]
    fn what_relman_opens_has_its_marks_and_ends_in_the_facts() {
        let text = put(None, WANTED);
        assert_eq!(
            text,
            format!(
                "{OPENED}\n\nBrings **1.2.0**\n\n* one\n* two\n\n{END}\n\nPromoted-From: environment/qa@1\nVersion: 1.2.0\n"
            )
        );
        assert_eq!(trailers(&text).count(), 2, "a squash may take it for a message");
        assert_eq!(whose(&text), Whose::Relmans);
        assert_eq!(whose("<!-- relman -->\ntext"), Whose::Persons);
    }

    #[test]
    fn the_words_of_a_person_stay_where_they_are() {
        let ours = put(None, WANTED);
        let (part, facts) = ours.split_once(END).expect("an end");
        let edited = format!("Ada: not before noon!\r\n\r\n{part}{END}\r\n\r\nSigned off by QA.\r\n{facts}\nLast word");
        let newer = WANTED.replace("1.2.0", "1.3.0");
        let text = put(Some(&edited), &newer);
        assert_eq!(
            text,
            format!(
                "Ada: not before noon!\n\n{OPENED}\n\nBrings **1.3.0**\n\n* one\n* two\n\n{END}\n\nSigned off by QA.\n\nLast word\n\nPromoted-From: environment/qa@1\nVersion: 1.3.0\n"
            )
        );
        assert_eq!(put(Some(&text), &newer), text);
    }

    #[test]
    fn a_pull_request_of_a_person_gets_a_part_below_their_words() {
        let text = put(Some("Release week 47\n\nPlease look."), WANTED);
        assert!(text.starts_with(&format!("Release week 47\n\nPlease look.\n\n{ADDED}\n\nBrings")), "{text}");
        assert_eq!(whose(&text), Whose::Shared);
        assert_eq!(put(Some(&text), WANTED), text);
    }

    #[test]
    fn marks_in_what_is_written_end_nothing() {
        let text = put(None, &format!("Before\n{END}\n{OPENED}\nAfter\n\nVersion: 1"));
        assert_eq!(text.matches(END).count(), 1);
        assert_eq!(text.matches(OPENED).count(), 1);
        assert!(text.contains("Before\nAfter"), "{text}");
    }

    #[test]
    fn too_long_a_text_is_cut_in_relmans_part() {
        let body = format!("{}\n\nVersion: 1.2.0", vec!["ä".repeat(99); 1_000].join("\n"));
        let (text, left_out) = put_into(Some("My words"), &body, 30_000);
        assert!(text.chars().count() <= 30_000, "{}", text.chars().count());
        assert_eq!(left_out, 1_000 - text.lines().filter(|line| line.starts_with('ä')).count());
        assert!(text.starts_with("My words\n") && text.ends_with("\n\nVersion: 1.2.0\n"));
        assert!(text.contains(&format!("and {left_out} more lines")));
        assert_eq!(put_into(Some(&text), &body, 30_000), (text, left_out), "always in the same way");
        // One line that is too long by itself leaves nothing but the words about it.
        let (text, left_out) = put_into(None, &"x".repeat(50_000), 30_000);
        assert_eq!((left_out, text.len() < 300), (1, true));
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(
            current in "([a-z#:]{0,6}\r?\n|\\[//\\]: # \\(relman (begins|begins, title kept|ends)\\)\n|\n|Version: 1\n){0,12}",
            wanted in "([a-zä*]{0,6}\n|\n){0,8}(\nVersion: 2\n)?",
            limit in 200usize..400,
        ) {
            let (once, left_out) = put_into(Some(&current), &wanted, limit);
            prop_assert_eq!(put_into(Some(&once), &wanted, limit), (once, left_out));
        }

        #[test]
        fn no_word_of_a_person_is_lost(before in "[a-z ]{1,20}", after in "[a-z ]{1,20}") {
            let ours = put(None, WANTED);
            let text = put(Some(&format!("{before}\n\n{ours}\n{after}\n")), "New\n\nVersion: 2");
            prop_assert!(text.contains(before.trim()) && text.contains(after.trim()), "{}", text);
        }
    }
}
