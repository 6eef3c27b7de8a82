//! Moving to another device with an encrypted file.

use async_trait::async_trait;
use pollster::block_on;
use vitrine_domain::EventKind;
use vitrine_session::{
    Change, FileCipher, PASSPHRASE_ROUNDS, SealTerms, Session, TRANSFER_BYTES_MAX, TransferError,
};
use vitrine_wire::content_hash;

use crate::device::{Device, Listener, NOW_MS};
use crate::server::FakeServer;
use crate::shop::Shop;

const PASSPHRASE: &str = "correct horse battery";
const TAG_LEN: usize = 16;

/// Keyed by everything that a real one is keyed by, and no secret to anybody.
struct FakeCipher;

fn key(terms: &SealTerms<'_>) -> Vec<u8> {
    assert_eq!((terms.salt.len(), terms.nonce.len()), (16, 12));
    let rounds = terms.rounds.to_le_bytes();
    [terms.passphrase.as_bytes(), &rounds, terms.salt, terms.nonce, terms.header].concat()
}

fn masked(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let block = |place: usize| content_hash(&[key, &place.to_le_bytes()].concat()).0;
    let blocks = bytes.chunks(32).enumerate();
    blocks
        .flat_map(|(at, chunk)| chunk.iter().zip(block(at)).map(|(a, b)| a ^ b).collect::<Vec<_>>())
        .collect()
}

fn tag(key: &[u8], plain: &[u8]) -> Vec<u8> {
    content_hash(&[key, plain].concat()).0[..TAG_LEN].to_vec()
}

#[async_trait(?Send)]
impl FileCipher for FakeCipher {
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), TransferError> {
        bytes.fill(7);
        Ok(())
    }

    async fn seal(&self, terms: SealTerms<'_>, plain: &[u8]) -> Result<Vec<u8>, TransferError> {
        let key = key(&terms);
        Ok([masked(&key, plain), tag(&key, plain)].concat())
    }

    async fn open(&self, terms: SealTerms<'_>, sealed: &[u8]) -> Result<Vec<u8>, TransferError> {
        let key = key(&terms);
        let (sealed, found) = sealed.split_at(sealed.len() - TAG_LEN);
        let plain = masked(&key, sealed);
        if tag(&key, &plain) == found { Ok(plain) } else { Err(TransferError::WrongPassphrase) }
    }
}

async fn import(session: &Session, file: &[u8]) -> Result<usize, TransferError> {
    session.import_sealed(&FakeCipher, PASSPHRASE, file).await
}

#[test]
fn two_devices_become_one_log_and_what_both_have_counts_once() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let (old, new) = (Device::new(&server), Device::new(&server));
        let from = old.open_synced().await;
        let [a, b, c, d] = [1, 2, 3, 4].map(|place| shop.products[place].id);
        old.act(&from, EventKind::ViewItem, a).await;
        old.act(&from, EventKind::Purchase, b).await;
        from.wish(c).await;
        let to = Listener::new(new.open_synced().await);
        let there = Listener::new(new.open().await);
        new.clock.set(NOW_MS + 90_000);
        to.session.record(EventKind::AddToCart, d).await;
        there.catch_up().await;

        let file = from.export_sealed(&FakeCipher, PASSPHRASE).await.expect("sealed");
        assert!(!file.windows(6).any(|bytes| bytes == b"events"), "nothing is in clear text");
        assert_eq!(import(&to.session, &file).await.expect("opened"), 3);
        let items: Vec<_> = to.session.history().iter().map(|event| event.item).collect();
        assert_eq!(items, [a, d, b], "by time");
        assert!(to.session.is_wished(c));
        assert_eq!(to.session.basket().n_pieces, 1);
        assert_eq!(there.catch_up().await, [Change::Log]);
        let reopened = new.open().await;
        for session in [&there.session, &reopened] {
            assert_eq!(session.history(), to.session.history());
            assert_eq!(session.feed(60).await.tiles, to.session.feed(60).await.tiles);
        }
        assert_eq!(import(&to.session, &file).await.expect("opened"), 0, "nothing is new");
        assert_eq!(to.session.history().len(), 3);

        let back = to.session.export_sealed(&FakeCipher, PASSPHRASE).await.expect("sealed");
        assert_eq!(import(&from, &back).await.expect("opened"), 1);
        assert_eq!(from.history(), to.session.history());
    });
}

#[test]
fn what_cannot_be_opened_changes_nothing_and_says_why() {
    block_on(async {
        let shop = Shop::new(60);
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        device.act(&session, EventKind::ViewItem, shop.products[1].id).await;
        let short = session.export_sealed(&FakeCipher, "too short").await;
        assert!(matches!(short, Err(TransferError::ShortPassphrase)));
        let file = session.export_sealed(&FakeCipher, PASSPHRASE).await.expect("sealed");
        assert_eq!(file[..8], *b"vitrine\x01");
        assert_eq!(file[8..12], PASSPHRASE_ROUNDS.to_le_bytes());
        let other = Device::new(&server).open_synced().await;

        let wrong = other.import_sealed(&FakeCipher, "correct horse batter", &file).await;
        assert!(matches!(wrong, Err(TransferError::WrongPassphrase)));
        let picture = import(&other, b"\x89PNG").await;
        assert!(matches!(picture, Err(TransferError::OtherFile)));
        for place in [8, 12, 30, 60, file.len() - 1] {
            let mut damaged = file.clone();
            damaged[place] ^= 1;
            let refused = import(&other, &damaged).await;
            assert!(matches!(refused, Err(TransferError::Damaged)), "byte {place}");
        }
        for n in 7..file.len() {
            assert!(matches!(import(&other, &file[..n]).await, Err(TransferError::Damaged)), "{n}");
        }
        let mut newer = file.clone();
        newer[7] = 2;
        assert!(matches!(import(&other, &newer).await, Err(TransferError::NewerVersion(2))));
        let mut large = file.clone();
        large.resize(TRANSFER_BYTES_MAX + 1, 0);
        assert!(matches!(import(&other, &large).await, Err(TransferError::TooLarge)));
        other.require_consent();
        assert!(matches!(import(&other, &file).await, Err(TransferError::NoConsent)));
        assert!(other.history().is_empty());
    });
}
