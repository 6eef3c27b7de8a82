//! Where a picture is: a path below the picture folder, or a URL.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use vitrine_fetch::{Url, parse_url};

use crate::limits::{ADDRESS_BYTES_MAX, PICTURE_BYTES_MAX};
use crate::{PictureError, PictureFault, RefusedAddress};

/// A parsed address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Address<'a> {
    Path(&'a Path),
    Url(Url),
}

/// Tells paths from URLs.
///
/// # Errors
/// Every [`RefusedAddress`] that the text alone shows.
pub(crate) fn parse(text: &str) -> Result<Address<'_>, RefusedAddress> {
    let text = text.trim();
    if text.is_empty() {
        return Err(RefusedAddress::Empty);
    }
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(RefusedAddress::TooLong);
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => Ok(Address::Url(parse_url(text)?)),
        Some(scheme) if is_scheme(scheme) => Err(RefusedAddress::Scheme),
        _ if text.starts_with("//") => Err(RefusedAddress::Scheme),
        _ => Ok(Address::Path(Path::new(text))),
    }
}

/// As RFC 3986 defines it. `file`, `data` and `ftp` are, a folder with a space is not.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The folder below which local pictures lie.
#[derive(Clone, Debug)]
pub(crate) struct PictureRoot(Option<PathBuf>);

impl PictureRoot {
    /// # Errors
    /// The folder does not exist or cannot be entered.
    pub(crate) fn new(root: Option<&Path>) -> Result<Self, PictureError> {
        let Some(root) = root else { return Ok(Self(None)) };
        let real = fs::canonicalize(root)
            .map_err(|source| PictureError::Root { path: root.to_owned(), source })?;
        Ok(Self(Some(real)))
    }

    /// The bytes of a file below the folder.
    ///
    /// # Errors
    /// [`PictureFault::Refused`], [`PictureFault::NotFound`], [`PictureFault::TooLarge`],
    /// [`PictureFault::Disk`].
    pub(crate) fn read(&self, path: &Path) -> Result<Vec<u8>, PictureFault> {
        use io::Read as _;
        let file = self.real_path(path)?;
        let too_large = PictureFault::TooLarge { bytes_max: PICTURE_BYTES_MAX };
        let found = fs::metadata(&file).map_err(disk_fault)?;
        // A pipe would be waited for.
        if !found.is_file() {
            return Err(RefusedAddress::NotAFile.into());
        }
        if found.len() > PICTURE_BYTES_MAX as u64 {
            return Err(too_large);
        }
        let mut bytes = Vec::with_capacity(found.len() as usize);
        let file = fs::File::open(&file).map_err(disk_fault)?;
        file.take(PICTURE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(disk_fault)?;
        if bytes.len() > PICTURE_BYTES_MAX { Err(too_large) } else { Ok(bytes) }
    }

    /// The file without symbolic links, if that is below the folder.
    fn real_path(&self, path: &Path) -> Result<PathBuf, PictureFault> {
        let root = self.0.as_ref().ok_or(RefusedAddress::NoRoot)?;
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(RefusedAddress::OutsideRoot.into());
        }
        let real = fs::canonicalize(root.join(path)).map_err(disk_fault)?;
        if real.starts_with(root) { Ok(real) } else { Err(RefusedAddress::OutsideRoot.into()) }
    }
}

fn disk_fault(error: io::Error) -> PictureFault {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => PictureFault::NotFound,
        // A NUL in the path.
        io::ErrorKind::InvalidInput => RefusedAddress::NotAFile.into(),
        kind => PictureFault::Disk(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_paths_and_what_is_neither() {
        let url = parse(" https://bücher.example/a b.jpg#part ").unwrap();
        let Address::Url(url) = url else { panic!("{url:?}") };
        assert_eq!(url.as_str(), "https://xn--bcher-kva.example/a%20b.jpg#part");
        assert_eq!(parse("red/1.jpg"), Ok(Address::Path(Path::new("red/1.jpg"))));
        assert_eq!(parse("my shop: red.jpg"), Ok(Address::Path(Path::new("my shop: red.jpg"))));
        for (text, refused) in [
            ("", RefusedAddress::Empty),
            ("file:///etc/passwd", RefusedAddress::Scheme),
            ("data:image/png;base64,AAAA", RefusedAddress::Scheme),
            ("//cdn.example/a.jpg", RefusedAddress::Scheme),
            ("http://me:secret@shop.example/a.jpg", RefusedAddress::Credentials),
            ("http://", RefusedAddress::NotAUrl),
        ] {
            assert_eq!(parse(text), Err(refused), "{text}");
        }
        assert_eq!(parse(&"a".repeat(ADDRESS_BYTES_MAX + 1)), Err(RefusedAddress::TooLong));
    }

    #[cfg(unix)]
    #[test]
    fn no_path_leads_out_of_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("pictures");
        fs::create_dir_all(root.join("red")).unwrap();
        fs::write(root.join("red/1.jpg"), "one").unwrap();
        fs::write(dir.path().join("secret"), "no").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("link")).unwrap();
        std::os::unix::fs::symlink(dir.path(), root.join("folder")).unwrap();
        std::os::unix::fs::symlink("red/1.jpg", root.join("inside")).unwrap();
        let pictures = PictureRoot::new(Some(&root)).unwrap();
        let read = |path: &str| pictures.read(Path::new(path));

        assert_eq!(read("red/1.jpg").unwrap(), b"one");
        assert_eq!(read("inside").unwrap(), b"one");
        let absolute = fs::canonicalize(&root).unwrap().join("red/1.jpg");
        assert_eq!(pictures.read(&absolute).unwrap(), b"one");
        for path in ["../secret", "red/../../secret", "link", "folder/secret", "/etc/passwd"] {
            assert_eq!(read(path), Err(RefusedAddress::OutsideRoot.into()), "{path}");
        }
        assert_eq!(read("red"), Err(RefusedAddress::NotAFile.into()));
        assert_eq!(read("a\0b"), Err(RefusedAddress::NotAFile.into()));
        assert_eq!(read("red/2.jpg"), Err(PictureFault::NotFound));
        assert_eq!(read("red/1.jpg/x"), Err(PictureFault::NotFound));
        let none = PictureRoot::new(None).unwrap();
        assert_eq!(none.read(Path::new("red/1.jpg")), Err(RefusedAddress::NoRoot.into()));
        assert!(PictureRoot::new(Some(&dir.path().join("none"))).is_err());
    }
}
