//! Links of the finished site: each leads to a file, and to a place in it that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Links of a site that are told at most.
const TOLD_MAX: usize = 20;

/// # Errors
/// Links that lead nowhere, with their pages.
pub fn links(site: &Path) -> Result<()> {
    let mut files = BTreeSet::new();
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(site).with_context(|| site.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".html") {
            pages.insert(name.clone(), fs::read_to_string(&path)?);
        }
        files.insert(name);
    }
    let places: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(name, text)| (name.as_str(), values(text, "id").collect())).collect();
    let leads_nowhere = |page: &str, target: &str| {
        let (file, place) = target.split_once('#').unwrap_or((target, ""));
        let file = if file.is_empty() { page } else { file };
        let is_there = files.contains(file) || file.contains('/') && site.join(file).exists();
        let has_place = || places.get(file).is_some_and(|places| places.contains(place));
        !is_there || !place.is_empty() && !has_place()
    };
    let mut dead = Vec::new();
    let mut n_links = 0;
    for (page, text) in &pages {
        let targets = values(text, "href").chain(values(text, "src"));
        for target in targets.filter(|target| !target.contains(':')) {
            n_links += 1;
            if leads_nowhere(page, target) {
                dead.push(format!("{page}: {target}"));
            }
        }
    }
    let told = &dead[..dead.len().min(TOLD_MAX)];
    ensure!(dead.is_empty(), "{} links lead nowhere:\n{}", dead.len(), told.join("\n"));
    eprintln!("   {} pages, {n_links} links within the site", pages.len());
    Ok(())
}

/// Values of an attribute, as they stand between quotes, in the elements of a page.
fn values<'t>(page: &'t str, attribute: &'static str) -> impl Iterator<Item = &'t str> {
    let tags = page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
    tags.filter_map(move |tag| {
        let at = tag.find(&format!(" {attribute}=\""))? + attribute.len() + 3;
        tag[at..].split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(page: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.html"), page).unwrap();
        fs::write(folder.path().join("b.html"), "<h1 id=\"top\">B</h1>").unwrap();
        links(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn links_to_files_and_places_are_followed() {
        let page = "<p id=\"x\"><a href=\"b.html#top\">b</a> <a class=\"c\" href=\"#x\">x</a> \
                    <a href=\"https://e.example/\">e</a> href=\"none.html\" <img src=\"b.html\"></p>";
        assert_eq!(checked(page), Ok(()));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_with_its_page() {
        for target in ["c.html", "b.html#end", "#y", "deep/c.css"] {
            let error = checked(&format!("<a href=\"{target}\">c</a>")).unwrap_err();
            assert!(error.contains(&format!("a.html: {target}")), "{error}");
        }
    }
}
