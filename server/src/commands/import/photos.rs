//! The shop's own pictures: read once by the server, so that no browser fetches one.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use vitrine_domain::PictureMode;
use vitrine_pictures::{PictureHash, PictureOptions, PictureReader, PictureReading, Thumbnails};
use vitrine_publish::PhotoInput;
use vitrine_publish::photos::PHOTO_BYTES_IN_ALL_MAX;
use vitrine_wire::shard::PHOTOS_MAX;

use crate::catalogue::{CataloguePhotos, PicturesFrom, StoredCatalogue};
use crate::cli::ImportArgs;
use crate::picture_cache::picture_cache;
use crate::progress::WorkProgress;
use crate::settings::ServerSettings;
use crate::signals::Stop;

/// Bytes that both sizes of a picture take, roughly: from the budget, how many pictures
/// besides the main ones are worth reading.
const BYTES_A_PICTURE: usize = 5 << 10;

/// Reads the main picture of every card, and as many others as may be published. What
/// cannot be read is counted in the log; the card then has the next of its pictures, or a
/// pictogram.
///
/// # Errors
/// The cache cannot be used, or the process was asked to stop.
pub(crate) fn read(
    settings: &ServerSettings,
    catalogue: &StoredCatalogue,
    stop: &Stop,
) -> Result<CataloguePhotos> {
    let items = &catalogue.items;
    if items.iter().all(|item| item.image_links.is_empty()) {
        return Ok(CataloguePhotos::default());
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&idx| (Reverse(catalogue.buyers[idx].published().all), items[idx].id));
    let links = |rank: usize| order.iter().filter_map(move |&idx| items[idx].image_links.get(rank));
    let n_others = PHOTO_BYTES_IN_ALL_MAX / BYTES_A_PICTURE;
    let others = (1..PHOTOS_MAX).flat_map(links).take(n_others);
    let addresses: Vec<&String> = links(0).chain(others).collect();

    let PicturesFrom { folder, private_hosts, is_offline, mode: _ } =
        catalogue.pictures_from.clone();
    let options = PictureOptions { private_hosts, is_offline, ..PictureOptions::default() };
    let cache = picture_cache(&settings.data_dir);
    let folder = Some(Path::new(&folder)).filter(|folder| !folder.as_os_str().is_empty());
    let reader = PictureReader::new(folder, &cache, options).context("reading pictures")?;
    let mut bar = WorkProgress::start("pictures", addresses.len() as u64);
    let reading = reader.read_all(&addresses, &mut |at| bar.at(at.n_done as u64, ""), stop);
    let reading = reading.context("reading pictures; run it again to go on")?;
    bar.finish();
    tell(&reading);
    reader.retain(&addresses)?;

    let read = addresses.iter().map(|address| address.as_str()).zip(&reading.pictures);
    let known: HashMap<&str, PictureHash> =
        read.filter_map(|(address, picture)| Some((address, *picture.as_ref().ok()?))).collect();
    let mut photos = CataloguePhotos {
        of_cards: vec![Vec::new(); items.len()],
        mains: vec![None; items.len()],
        ..CataloguePhotos::default()
    };
    // Where each picture is among the inputs, and what its larger one is called.
    let mut places: HashMap<PictureHash, (usize, PictureHash)> = HashMap::new();
    let mut left = PHOTO_BYTES_IN_ALL_MAX;
    for idx in order {
        let links = items[idx].image_links.iter().take(PHOTOS_MAX);
        for hash in links.filter_map(|link| known.get(link.as_str())) {
            if !places.contains_key(hash) {
                let thumbnails = reader.thumbnails(*hash)?;
                let larger = PictureHash::of(&thumbnails.small);
                places.insert(*hash, (photos.inputs.len(), larger));
                photos.inputs.push(input(thumbnails, &mut left));
            }
            let (place, larger) = places[hash];
            photos.of_cards[idx].push(place);
            photos.mains[idx].get_or_insert(larger);
        }
    }
    // Without a picture there are no lists of them either.
    Ok(if photos.inputs.is_empty() { CataloguePhotos::default() } else { photos })
}

/// Where the pictures of an import are.
pub(super) fn pictures_from(args: &ImportArgs, feed: &Path) -> PicturesFrom {
    let folder = args.picture_folder.as_deref().or(feed.parent());
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A later compaction may run elsewhere.
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    PicturesFrom {
        folder: folder.to_string_lossy().into_owned(),
        private_hosts: args.picture_host.clone(),
        is_offline: args.pictures_offline,
        mode: if args.pictures_open { PictureMode::Open } else { PictureMode::Private },
    }
}

/// What may be published of a picture. Once the small ones alone are more than the budget,
/// the rest are known by their placeholders, so that memory is bounded.
fn input(picture: Thumbnails, left: &mut usize) -> PhotoInput {
    let placeholder = picture.thumbhash;
    match left.checked_sub(picture.small.len()) {
        Some(rest) => {
            *left = rest;
            PhotoInput { thumbnail: picture.small, photo: picture.large, placeholder }
        }
        None => PhotoInput { placeholder, ..PhotoInput::default() },
    }
}

fn tell(reading: &PictureReading) {
    let PictureReading { n_made, n_reused, n_stale, .. } = reading;
    tracing::info!(made = n_made, reused = n_reused, stale = n_stale, "pictures read");
    let faults = reading.faults();
    if faults.n() > 0 {
        tracing::warn!("{faults}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::publishing::tests::catalogue;

    #[test]
    fn a_feed_of_which_no_picture_can_be_read_has_none() {
        let dir = tempfile::tempdir().unwrap();
        let settings = ServerSettings::in_folder(dir.path());
        let words =
            ["vitrine", "import", "--products", "f.csv", "--mapping", "m", "--pictures-offline"];
        let Command::Import(args) = Cli::read(words).unwrap().command else { panic!("import") };
        let mut catalogue = catalogue(2);
        catalogue.items[0].image_links = vec!["gone.png".to_owned()];
        catalogue.pictures_from = pictures_from(&args, &dir.path().join("f.csv"));
        let photos = read(&settings, &catalogue, &Stop::default()).unwrap();
        assert!(photos.inputs.is_empty() && photos.of_cards.is_empty());
    }
}
