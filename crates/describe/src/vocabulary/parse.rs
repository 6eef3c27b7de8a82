//! Lines of the data files.

/// Lines of `name: entry, entry`, without comments.
pub(super) fn lines(text: &'static str) -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    plain_lines(text).filter_map(|line| {
        let (name, entries) = line.split_once(':')?;
        let entries = entries.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Some((name.trim(), entries.collect()))
    })
}

/// Lines that say something, without comments.
pub(super) fn plain_lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}
