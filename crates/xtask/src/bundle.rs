//! The finished web bundle: compressed copies, size, and keeping it for later.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Folder of the Studio's page inside the bundle.
const STUDIO_FOLDER: &str = "studio";

/// Of all wasm, js and css of the shop together, as brotli sends them. The first tiles do
/// not wait for them; the goal is 400,000. Some 10,000 are the conditions of searches in Chinese and
/// German, and words without spaces, which every browser has so that it reads them offline; some
/// 18,000 that everything it says is there in three languages; some 60,000 the server's search engine,
/// with which it searches in private and offline; some 90,000 the network that reads a picture, the
/// assistant with its words in three languages and what it reads of texts and reviews, all of which
/// answer on the device; some 40,000 the rules of the shop, which give places there.
const SHOP_BUDGET_BYTES: u64 = 880_000;

/// Of the Studio's likewise: the session of a persona with all that the shop's has, and the Studio's own
/// pages, in three languages. Product teams load it, on desks.
const STUDIO_BUDGET_BYTES: u64 = 620_000;

/// Of the page and its styles, which a browser has to have before it draws the first tiles, as
/// brotli sends them. The tiles themselves (`/front.html`) come on top.
const FIRST_BUDGET_BYTES: u64 = 12_000;

/// Files of those.
const FIRST_FILES_MAX: usize = 5;

/// Smaller files gain nothing.
const COMPRESS_FROM_BYTES: u64 = 1024;

/// Writes `file.br` beside every file where that is smaller.
///
/// # Errors
/// When a file can't be read or written.
pub fn compress(dist: &Path) -> Result<()> {
    for file in files_below(dist)? {
        let bytes = fs::read(&file)?;
        if (bytes.len() as u64) < COMPRESS_FROM_BYTES {
            continue;
        }
        let packed = brotli_of(&bytes)?;
        if packed.len() < bytes.len() {
            fs::write(with_br(&file), packed)?;
        }
    }
    Ok(())
}

/// Takes indentation and comments out of the scripts that wasm-bindgen wrote beside each
/// program: a kilobyte of brotli.
///
/// # Errors
/// When a file can't be read or written.
pub fn slim_glue(dist: &Path) -> Result<()> {
    for wasm in files_below(dist)? {
        let script = wasm.to_str().and_then(|wasm| wasm.strip_suffix("_bg.wasm"));
        let Some(script) = script.map(|stem| PathBuf::from(format!("{stem}.js"))) else { continue };
        let text = fs::read_to_string(&script).with_context(|| script.display().to_string())?;
        fs::write(&script, without_layout(&text))?;
    }
    Ok(())
}

/// Lines end where they did, so that a statement without a semicolon still ends there. A
/// script with a text of several lines, whose blanks count, stays as it is.
fn without_layout(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    if lines.clone().any(|line| line.matches('`').count() % 2 == 1) {
        return script.to_owned();
    }
    let mut is_comment = false;
    let code = lines.filter(|line| {
        is_comment |= line.starts_with("/*");
        let is_code = !is_comment && !line.is_empty() && !line.starts_with("//");
        is_comment &= !line.ends_with("*/");
        is_code
    });
    code.collect::<Vec<_>>().join("\n")
}

/// Prints what each part weighs, of the shop and of the Studio.
///
/// # Errors
/// When either is over its budget, or has no wasm.
pub fn check_sizes(dist: &Path) -> Result<()> {
    let (studio, shop): (Vec<_>, Vec<_>) =
        files_below(dist)?.into_iter().partition(|file| file.starts_with(dist.join(STUDIO_FOLDER)));
    eprintln!("{:>11} {:>11}", "bytes", "brotli");
    check_first_tiles(dist)?;
    check_size("the shop", dist, &shop, SHOP_BUDGET_BYTES)?;
    check_size("the Studio", dist, &studio, STUDIO_BUDGET_BYTES)
}

/// What the shop's page loads before its first tiles: itself and its styles. Nothing in the page
/// has a browser load the program meanwhile; its script does that afterwards.
fn check_first_tiles(dist: &Path) -> Result<()> {
    const PAGE: &str = "index.html";
    let page = fs::read_to_string(dist.join(PAGE)).context("reading the shop's page")?;
    let attributes = |name: &'static str| {
        page.split(name).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned)
    };
    let early = attributes(" href=\"").chain(attributes(" src=\""));
    let early: Vec<String> = early.collect();
    let is_program = |address: &String| address.ends_with(".wasm") || address.ends_with(".js");
    ensure!(
        !early.iter().any(is_program),
        "{PAGE} loads the program before the first tiles: it is for its script to do afterwards"
    );
    let styles = early.iter().filter(|address| address.ends_with(".css"));
    let files: Vec<PathBuf> =
        styles.map(|address| dist.join(address.trim_start_matches('/'))).collect();
    let mut sum = sent(&dist.join(PAGE))?;
    for file in &files {
        sum += sent(file)?;
    }
    let n = files.len() + 1;
    eprintln!("{:>11} {sum:>11}  before the first tiles, of {FIRST_BUDGET_BYTES} allowed", "");
    ensure!(
        sum <= FIRST_BUDGET_BYTES && n <= FIRST_FILES_MAX,
        "{n} files of {sum} bytes are loaded before the first tiles, over {FIRST_FILES_MAX} files \
         or {FIRST_BUDGET_BYTES} bytes"
    );
    Ok(())
}

/// Bytes of a file as they are sent.
fn sent(file: &Path) -> Result<u64> {
    let size =
        |file: &Path| Ok(fs::metadata(file).with_context(|| file.display().to_string())?.len());
    let br = with_br(file);
    if br.is_file() { size(&br) } else { size(file) }
}

fn check_size(page: &str, dist: &Path, files: &[PathBuf], budget: u64) -> Result<()> {
    let mut sum = 0;
    let mut has_wasm = false;
    for file in files {
        let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !matches!(kind, "wasm" | "js" | "css") {
            continue;
        }
        let (plain, sent) = (fs::metadata(file)?.len(), sent(file)?);
        eprintln!("{plain:>11} {sent:>11}  {}", file.strip_prefix(dist)?.display());
        sum += sent;
        has_wasm |= kind == "wasm";
    }
    ensure!(has_wasm, "{page} in {} has no wasm", dist.display());
    eprintln!("{:>11} {sum:>11}  {page} in all, of {budget} allowed", "");
    ensure!(sum <= budget, "{page} is {sum} bytes of brotli, over {budget}");
    Ok(())
}

/// Makes `to` equal to `from`. Files that are equal already keep their times,
/// so that nothing is rebuilt because of them.
///
/// # Errors
/// When a file can't be read or written.
pub fn mirror(from: &Path, to: &Path) -> Result<()> {
    let relative = |root: &Path| -> Result<BTreeSet<PathBuf>> {
        files_below(root)?.iter().map(|f| Ok(f.strip_prefix(root)?.to_owned())).collect()
    };
    fs::create_dir_all(to)?;
    let wanted = relative(from)?;
    for surplus in relative(to)?.difference(&wanted) {
        fs::remove_file(to.join(surplus))?;
    }
    for name in &wanted {
        let (source, copy) = (fs::read(from.join(name))?, to.join(name));
        if fs::read(&copy).ok().as_ref() == Some(&source) {
            continue;
        }
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&copy, source).with_context(|| format!("writing {}", copy.display()))?;
    }
    Ok(())
}

/// As brotli sends it.
///
/// # Errors
/// None in memory.
pub fn brotli_of(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        // One block a file: 0.2 % smaller, and nobody waits for it.
        lgblock: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut Cursor::new(bytes), &mut packed, &params)?;
    Ok(packed)
}

/// All files below a folder, compressed copies included only when asked by name.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn with_br(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that no compressor can shorten.
    fn noise(n: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        (0..n)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect()
    }

    #[test]
    fn a_script_loses_its_layout_and_nothing_else() {
        let script = "/**\n * Adds.\n * @returns {number}\n */\nlet n = 2 // two\n\n    n = n\n    * 3;\n    return `${n} of a`;\n";
        assert_eq!(without_layout(script), "let n = 2 // two\nn = n\n* 3;\nreturn `${n} of a`;");
        let text = "    x = `a\n    b`;\n";
        assert_eq!(without_layout(text), text);
    }

    #[test]
    fn a_copy_is_written_only_where_it_is_smaller_and_unpacks_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let text = "a shop ".repeat(1000);
        fs::write(folder.path().join("page.html"), &text).unwrap();
        fs::write(folder.path().join("tiny.css"), "a{}").unwrap();
        fs::write(folder.path().join("photo.png"), noise(4096)).unwrap();
        compress(folder.path()).unwrap();
        assert!(!folder.path().join("tiny.css.br").exists());
        assert!(!folder.path().join("photo.png.br").exists());
        let packed = fs::read(folder.path().join("page.html.br")).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut Cursor::new(packed), &mut unpacked).unwrap();
        assert_eq!(unpacked, text.as_bytes());
    }

    #[test]
    fn a_page_over_its_budget_or_without_wasm_fails() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at(STUDIO_FOLDER)).unwrap();
        assert!(check_sizes(folder.path()).is_err(), "no page");
        fs::write(at("index.html"), r#"<link rel="stylesheet" href="/shop.css">"#).unwrap();
        fs::write(at("shop.css"), "").unwrap();
        assert!(check_sizes(folder.path()).is_err(), "no wasm");
        fs::write(at("shop.wasm"), noise(SHOP_BUDGET_BYTES as usize)).unwrap();
        assert!(check_sizes(folder.path()).is_err(), "no wasm of the Studio");
        fs::write(at("studio/studio.wasm"), noise(STUDIO_BUDGET_BYTES as usize)).unwrap();
        check_sizes(folder.path()).unwrap();
        for surplus in ["shop.css", "studio/studio.css"] {
            fs::write(at(surplus), "a{}").unwrap();
            assert!(check_sizes(folder.path()).is_err(), "{surplus}: three bytes over");
            fs::write(at(surplus), "").unwrap();
        }
    }

    #[test]
    fn the_program_and_large_styles_are_not_loaded_before_the_first_tiles() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let style = |name: &str| format!(r#"<link rel="stylesheet" href="/{name}.css"/>"#);
        let names = ["a", "b", "c", "d", "e"];
        for name in names {
            fs::write(at(&format!("{name}.css")), noise(FIRST_BUDGET_BYTES as usize / 5)).unwrap();
        }
        let check = |page: String| {
            fs::write(at("index.html"), page).unwrap();
            check_first_tiles(folder.path())
        };
        check(names[..4].iter().map(|name| style(name)).collect()).unwrap();
        check(names.iter().map(|name| style(name)).collect()).unwrap_err();
        check(r#"<link rel="modulepreload" href="/shop.js">"#.to_owned()).unwrap_err();
        check(r#"<link rel="preload" href="/shop.wasm" as="fetch">"#.to_owned()).unwrap_err();
        check("<script>import('/shop.js')</script>".to_owned()).unwrap();
        fs::write(at("a.css"), noise(FIRST_BUDGET_BYTES as usize)).unwrap();
        check(style("a")).unwrap_err();
    }

    #[test]
    fn mirror_removes_what_is_surplus_and_leaves_equal_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::create_dir_all(&to).unwrap();
        fs::write(from.join("deep/new"), "new").unwrap();
        fs::write(from.join("same"), "same").unwrap();
        fs::write(to.join("same"), "same").unwrap();
        fs::write(to.join("old"), "old").unwrap();
        let before = fs::metadata(to.join("same")).unwrap().modified().unwrap();
        mirror(&from, &to).unwrap();
        assert!(!to.join("old").exists());
        assert_eq!(fs::read_to_string(to.join("deep/new")).unwrap(), "new");
        assert_eq!(fs::metadata(to.join("same")).unwrap().modified().unwrap(), before);
    }
}
