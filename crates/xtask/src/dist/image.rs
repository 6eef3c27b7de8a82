//! What a Containerfile says, as far as ours uses the language.

use anyhow::{Context, Result, bail};

/// An image that begins empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Paths beside the file, and the path in the image that they are copied to.
    pub copies: Vec<(Vec<String>, String)>,
    pub environment: Vec<(String, String)>,
    /// `user:group`, as numbers.
    pub user: String,
    /// The folder that the program starts in.
    pub folder: String,
    /// The program, with the arguments that always come first.
    pub entry: Vec<String>,
    /// Arguments unless others are given.
    pub args: Vec<String>,
}

impl Image {
    /// # Errors
    /// An instruction is none of those that our file needs, or needs more than the file's folder.
    pub fn read(text: &str) -> Result<Self> {
        let mut image = Self::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (instruction, rest) = line.split_once(' ').context(line.to_owned())?;
            let words = || rest.split_whitespace().map(str::to_owned);
            match instruction {
                "FROM" if rest == "scratch" => {}
                "COPY" => {
                    let mut paths: Vec<_> =
                        words().filter(|word| !word.starts_with("--")).collect();
                    let target = paths.pop().context(line.to_owned())?;
                    image.copies.push((paths, target));
                }
                "ENV" => image.environment.extend(words().filter_map(|word| {
                    word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
                })),
                "USER" => image.user = rest.to_owned(),
                "WORKDIR" => image.folder = rest.to_owned(),
                "ENTRYPOINT" => {
                    image.entry = serde_json::from_str(rest).context(line.to_owned())?
                }
                "CMD" => image.args = serde_json::from_str(rest).context(line.to_owned())?,
                "VOLUME" | "EXPOSE" | "STOPSIGNAL" | "LABEL" => {}
                _ => bail!("not built from its folder alone, or not known here: {line}"),
            }
        }
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_file_copies_the_program_and_needs_no_network() {
        let image = Image::read(include_str!("Containerfile")).unwrap();
        let copied: Vec<_> = image.copies.iter().flat_map(|(from, _)| from).collect();
        for needed in ["vitrine", "weights", "ca-certificates.crt", "data"] {
            assert!(copied.iter().any(|from| *from == needed), "{needed}");
        }
        assert_eq!(image.entry, ["/vitrine"]);
        assert_eq!(image.args, ["serve"]);
        assert_eq!(image.user, "65532:65532");
        assert!(image.environment.contains(&("VITRINE_DATA_DIR".into(), "/data".into())));
    }

    #[test]
    fn what_needs_more_than_the_folder_is_refused() {
        for line in ["FROM debian:13", "RUN apt-get update", "ADD https://x.example/a /a"] {
            assert!(Image::read(line).is_err(), "{line}");
        }
    }
}
