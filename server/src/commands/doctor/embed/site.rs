//! A page, the scripts that it names, and what the Vitrine server answers to it.

use std::collections::{HashSet, VecDeque};

use vitrine_domain::limits::MANIFEST_BYTES_MAX;
use vitrine_fetch::{FetchFault, FetchOptions, PublicClient, ResponseBody, Url};

use super::html::{StartTag, start_tags};
use super::policy::Policy;
use crate::signals::Stop;

/// Most bytes of a page.
const PAGE_BYTES_MAX: u64 = 4 << 20;
/// Most bytes of one script.
const SCRIPT_BYTES_MAX: u64 = 8 << 20;
/// Most scripts that are fetched, those that others import included.
const SCRIPTS_MAX: usize = 24;
/// Who asks, and why.
const USER_AGENT: &str =
    concat!("Vitrine/", env!("CARGO_PKG_VERSION"), " (doctor embed; reads one page of a shop)");

/// What was seen of a page. Nothing of it was run.
pub(super) struct Site {
    /// The page, after redirects.
    pub page: Url,
    /// Policies of its headers, which workers and scripts of the same host usually have, too.
    pub header_policies: Vec<Policy>,
    /// Policies of its `meta` elements, which are the page's alone.
    pub meta_policies: Vec<Policy>,
    /// Custom elements of Vitrine in the HTML.
    pub elements: Vec<SeenElement>,
    /// Scripts that could be read.
    pub scripts: Vec<PageScript>,
    /// Addresses of scripts that could not.
    pub unread: Vec<(Url, FetchFault)>,
    /// The Vitrine server, where one is named.
    pub server: Option<Url>,
    /// Its answer to this page.
    pub manifest: Option<Result<ManifestAnswer, FetchFault>>,
}

/// A custom element in the HTML.
pub(super) struct SeenElement {
    /// "vitrine-feed" and the like.
    pub name: String,
    /// Whether it says that the page has a basket.
    pub has_basket: bool,
}

/// A script, in the page or beside it.
pub(super) struct PageScript {
    /// Where it came from; `None` for one in the page.
    pub url: Option<Url>,
    pub text: String,
}

/// The server's answer to a question with the page's `Origin`.
pub(super) struct ManifestAnswer {
    /// `Access-Control-Allow-Origin`.
    pub allowed_origin: Option<String>,
    pub body: Vec<u8>,
}

impl PageScript {
    fn read(answer: ResponseBody, stop: &Stop) -> Result<Self, FetchFault> {
        let url = Some(answer.url.clone());
        Ok(Self { url, text: read(answer, SCRIPT_BYTES_MAX, stop)? })
    }

    /// Whether it is, or has in it, one of Vitrine's packages: names that survive a bundler.
    pub fn is_package(&self) -> bool {
        let is_elements =
            self.text.contains("vitrine-feed") && self.text.contains("customElements");
        is_elements || self.text.contains("VitrineError")
    }

    /// Whether it records events in a way that can be seen.
    pub fn records(&self) -> bool {
        self.text.contains(".record(")
    }
}

impl Site {
    /// Fetches a page, its scripts and the manifest. `named` is the server that the caller names.
    ///
    /// # Errors
    /// The page cannot be fetched.
    pub fn fetch(
        page: &Url,
        named: Option<Url>,
        private_hosts: &[String],
        stop: &Stop,
    ) -> Result<Self, FetchFault> {
        let client = PublicClient::new(&FetchOptions {
            private_hosts: private_hosts.to_vec(),
            ..FetchOptions::new(USER_AGENT)
        });
        let origin = page.origin().ascii_serialization();
        let answer = client.get_from(page, &origin)?;
        let header_policies =
            answer.header_values("content-security-policy").flat_map(Policy::read_all).collect();
        let (page, html) = (answer.url.clone(), read(answer, PAGE_BYTES_MAX, stop)?);
        let tags = start_tags(&html);
        let meta_policies = tags.iter().filter_map(meta_policy).flat_map(Policy::read_all);
        let mut site = Self {
            header_policies,
            meta_policies: meta_policies.collect(),
            elements: tags.iter().filter_map(SeenElement::of).collect(),
            scripts: Vec::new(),
            unread: Vec::new(),
            server: None,
            manifest: None,
            page,
        };
        site.read_scripts(&client, &tags, stop);
        site.server = named.or_else(|| site.named_server(&tags));
        if let Some(server) = &site.server {
            site.manifest = Some(manifest(&client, server, &site.origin(), stop));
        }
        Ok(site)
    }

    /// The page's origin, as browsers send it.
    pub fn origin(&self) -> String {
        self.page.origin().ascii_serialization()
    }

    /// Reads the scripts of the page and, breadth first, what modules import.
    fn read_scripts(&mut self, client: &PublicClient, tags: &[StartTag<'_>], stop: &Stop) {
        let base = tags.iter().find(|tag| tag.name == "base").and_then(|tag| tag.attribute("href"));
        let base = base.and_then(|href| self.page.join(href).ok());
        let base = base.unwrap_or_else(|| self.page.clone());
        let mut waiting = VecDeque::new();
        for tag in tags {
            let address = match tag.name.as_str() {
                "script" => tag.attribute("src"),
                "link" if tag.attribute("rel") == Some("modulepreload") => tag.attribute("href"),
                _ => None,
            };
            waiting.extend(address.and_then(|address| base.join(address).ok()));
            if !tag.script.trim().is_empty() {
                waiting.extend(imported(tag.script, &base));
                self.scripts.push(PageScript { url: None, text: tag.script.to_owned() });
            }
        }
        let (mut seen, origin) = (HashSet::new(), self.origin());
        while let Some(url) = waiting.pop_front() {
            if seen.len() == SCRIPTS_MAX || !seen.insert(url.clone()) {
                continue;
            }
            let answer = client.get_from(&url, &origin);
            match answer.and_then(|answer| PageScript::read(answer, stop)) {
                Ok(script) => {
                    // What the packages import is known.
                    if !script.is_package() {
                        waiting.extend(imported(&script.text, script.url.as_ref().unwrap_or(&url)));
                    }
                    self.scripts.push(script);
                }
                Err(fault) => self.unread.push((url, fault)),
            }
        }
    }

    /// The server that `<vitrine-shop>` or a script names.
    fn named_server(&self, tags: &[StartTag<'_>]) -> Option<Url> {
        let of_tag = tags.iter().filter(|tag| tag.name.starts_with("vitrine-"));
        let of_tag = of_tag.filter_map(|tag| tag.attribute("server"));
        let of_script = self.scripts.iter().flat_map(|script| servers_in(&script.text));
        of_tag.chain(of_script).find_map(|text| self.page.join(text).ok())
    }
}

impl SeenElement {
    fn of(tag: &StartTag<'_>) -> Option<Self> {
        let has_basket = tag.attribute("basket").is_some();
        tag.name.starts_with("vitrine-").then(|| Self { name: tag.name.clone(), has_basket })
    }
}

fn read(answer: ResponseBody, bytes_max: u64, stop: &Stop) -> Result<String, FetchFault> {
    let mut bytes = Vec::new();
    answer.copy_to(&mut bytes, bytes_max, stop)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn manifest(
    client: &PublicClient,
    server: &Url,
    origin: &str,
    stop: &Stop,
) -> Result<ManifestAnswer, FetchFault> {
    let address = format!("{}/v1/manifest", server.as_str().trim_end_matches('/'));
    let answer = client.get_from(&vitrine_fetch::parse_url(&address)?, origin)?;
    let allowed_origin =
        answer.header_values("access-control-allow-origin").next().map(str::to_owned);
    let mut body = Vec::new();
    answer.copy_to(&mut body, MANIFEST_BYTES_MAX as u64, stop)?;
    Ok(ManifestAnswer { allowed_origin, body })
}

fn meta_policy<'t>(tag: &'t StartTag<'_>) -> Option<&'t str> {
    let is_policy = tag.name == "meta"
        && tag
            .attribute("http-equiv")
            .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"));
    is_policy.then(|| tag.attribute("content")).flatten()
}

/// What follows each `word` and a quote, up to the same quote; white space is allowed between.
fn quoted_after<'t>(text: &'t str, word: &'static str) -> impl Iterator<Item = &'t str> {
    text.match_indices(word).filter_map(move |(at, _)| {
        let rest = text[at + word.len()..].trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        rest[1..].split_once(quote).map(|(value, _)| value)
    })
}

/// Addresses that a module imports, where they are addresses and no names of packages.
fn imported(text: &str, base: &Url) -> Vec<Url> {
    let words = ["from", "import", "import("];
    let all = words.iter().flat_map(|word| quoted_after(text, word));
    let is_address = |name: &&str| {
        ["./", "../", "/", "https://", "http://"].iter().any(|start| name.starts_with(start))
    };
    all.filter(is_address).filter_map(|name| base.join(name).ok()).collect()
}

/// Values of `server:` that are web addresses, less those of examples, as in what a bundled
/// package says of mistakes.
fn servers_in(text: &str) -> impl Iterator<Item = &str> {
    let is_example = |value: &&str| {
        let url = Url::parse(value).ok();
        url.is_some_and(|url| url.host_str().is_some_and(|host| host.ends_with(".example")))
    };
    quoted_after(text, "server:")
        .chain(quoted_after(text, "\"server\":"))
        .filter(|value| value.starts_with("https://") || value.starts_with("http://"))
        .filter(move |value| !is_example(value))
}
