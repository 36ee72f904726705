//! The pages of the documentation: they can be reached, and what they point to is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// The texts that a reader finds beside the book.
const BESIDE: [&str; 4] = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

/// What one page offers and asks for.
#[derive(Default)]
struct Page {
    /// Its headings, as a link names them.
    anchors: BTreeSet<String>,
    /// Where its links lead.
    links: Vec<String>,
}

impl Page {
    fn read(path: &Path) -> Page {
        let text = std::fs::read_to_string(path).unwrap();
        let mut page = Page::default();
        let mut heading: Option<String> = None;
        for event in Parser::new(&text) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => page.anchors.extend(heading.take().map(|text| anchor(&text))),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.into_string());
                }
                Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
                _ => {}
            }
        }
        page
    }
}

/// How a heading is named in a link, as forges and mdBook do.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().unwrap()
}

/// Every page of the book, and the texts beside it, by their paths.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut paths: Vec<PathBuf> = BESIDE.iter().map(|name| root().join(name)).collect();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match entry.extension().and_then(|ending| ending.to_str()) {
                _ if entry.is_dir() => folders.push(entry),
                Some("md") => paths.push(entry),
                _ => {}
            }
        }
    }
    paths.into_iter().map(|path| (path.clone(), Page::read(&path))).collect()
}

/// The file that a link of a page leads to, and the heading; `None` where it leads out of the repository.
fn target<'l>(path: &Path, link: &'l str) -> Option<(PathBuf, Option<&'l str>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let file = if file.is_empty() { path.to_owned() } else { path.parent().unwrap().join(file) };
    Some((file.canonicalize().unwrap_or(file), heading))
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let mut broken = Vec::new();
    for (path, page) in &pages {
        for link in &page.links {
            let Some((file, heading)) = target(path, link) else { continue };
            let has = |heading: &str| pages.get(&file).is_none_or(|page| page.anchors.contains(heading));
            if !file.exists() || heading.is_some_and(|heading| !has(heading)) {
                broken.push(format!("{}: {link}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "these lead nowhere:\n{}", broken.join("\n"));
    let links: usize = pages.values().map(|page| page.links.len()).sum();
    assert!(links > 200 && pages.len() > 50, "{links} links on {} pages: are they read?", pages.len());
}

#[test]
fn every_page_of_the_book_is_in_its_table_of_contents() {
    let pages = pages();
    let summary = root().join("docs/SUMMARY.md");
    let listed: BTreeSet<PathBuf> =
        pages[&summary].links.iter().map(|link| target(&summary, link).unwrap().0).collect();
    let book = pages.keys().filter(|path| path.starts_with(root().join("docs")) && **path != summary);
    let lacking: Vec<&PathBuf> = book.filter(|path| !listed.contains(*path)).collect();
    assert!(lacking.is_empty(), "no reader finds {lacking:?}");
}

#[test]
fn headings_are_named_as_links_name_them() {
    assert_eq!(anchor("What `--at DATE` means"), "what---at-date-means");
    assert_eq!(anchor("release.yml"), "releaseyml");
}
