//! What a page needs, need by need: there, missing, or not to be told from outside.

use vitrine_domain::Manifest;
use vitrine_fetch::{FetchFault, Url};
use vitrine_wire::decode_manifest;

use super::policy::Policy;
use super::site::{ManifestAnswer, Site};

/// How a need is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is met.
    Good,
    /// It is not.
    Missing,
    /// That cannot be told without running the page.
    Unknown,
}

impl Verdict {
    /// As it is printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Missing => "missing",
            Self::Unknown => "cannot be told",
        }
    }
}

/// One need of a page, as sentences.
#[derive(Clone, Debug)]
pub(super) struct EmbedCheck {
    /// Stable name, for programs.
    pub code: &'static str,
    pub verdict: Verdict,
    /// What was found.
    pub what: String,
    /// What that costs; empty where nothing.
    pub cost: &'static str,
    /// What to do about it; empty where nothing.
    pub todo: String,
}

impl EmbedCheck {
    fn good(code: &'static str, what: impl Into<String>) -> Self {
        let (what, todo) = (what.into(), String::new());
        Self { code, verdict: Verdict::Good, what, cost: "", todo }
    }

    fn missing(
        code: &'static str,
        what: impl Into<String>,
        cost: &'static str,
        todo: impl Into<String>,
    ) -> Self {
        let (what, todo) = (what.into(), todo.into());
        Self { code, verdict: Verdict::Missing, what, cost, todo }
    }

    fn unknown(code: &'static str, what: impl Into<String>, todo: impl Into<String>) -> Self {
        let (what, todo) = (what.into(), todo.into());
        Self { code, verdict: Verdict::Unknown, what, cost: "", todo }
    }
}

/// Every check of a page, in the order in which a page is set up.
pub(super) fn all(site: &Site) -> Vec<EmbedCheck> {
    let mut checks = vec![secure(site), package(site), elements(site)];
    checks.extend(policies(site));
    checks.extend(server(site));
    checks.push(events(site));
    checks
}

/// Browsers keep keys and databases for pages that nobody can change on the way.
fn secure(site: &Site) -> EmbedCheck {
    const CODE: &str = "secure_context";
    let host = site.page.host_str().unwrap_or_default();
    let is_local = host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host == "[::1]";
    if site.page.scheme() == "https" || is_local {
        return EmbedCheck::good(CODE, "The page is a secure context.");
    }
    EmbedCheck::missing(
        CODE,
        "The page is served over http.",
        "browsers give it no keys, so that nothing is kept on the device",
        "serve it over https",
    )
}

fn package(site: &Site) -> EmbedCheck {
    const CODE: &str = "packages";
    let mut found = site.scripts.iter().filter(|script| script.is_package()).peekable();
    if found.peek().is_none() {
        let n = site.scripts.len();
        let mut what = format!("None of the page's {n} scripts has Vitrine's packages in it");
        if let Some((url, fault)) = site.unread.first() {
            what = format!("{what}; {} could not be read ({url}: {fault})", site.unread.len());
        }
        let todo = "import @vitrine/elements or @vitrine/core in a script that the page names; \
                    if it is loaded later, look into the browser's network panel";
        return EmbedCheck::missing(CODE, what + ".", "the elements stay empty", todo);
    }
    let mut addresses = found.filter_map(|script| script.url.as_ref());
    match addresses.find(|url| url.origin() != site.page.origin()) {
        Some(url) => EmbedCheck::missing(
            CODE,
            format!("The packages come from another origin: {url}"),
            "browsers load no worker across origins, so that the engine does not start",
            "serve the packages from the page's own origin, or bundle them with its scripts",
        ),
        None => EmbedCheck::good(CODE, "The packages come from the page's own origin."),
    }
}

fn elements(site: &Site) -> EmbedCheck {
    const CODE: &str = "elements";
    let mut names: Vec<&str> = site.elements.iter().map(|element| element.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return EmbedCheck::unknown(
            CODE,
            "The HTML has no element of Vitrine; scripts may make some, or use the core alone.",
            "look for <vitrine-feed> and the like in the browser's inspector",
        );
    }
    EmbedCheck::good(CODE, format!("Elements in the HTML: {}.", names.join(", ")))
}

/// The needs that a Content-Security-Policy must meet.
fn policies(site: &Site) -> Vec<EmbedCheck> {
    let (page, server) = (&site.page, site.server.as_ref());
    let of_page: Vec<&Policy> = site.header_policies.iter().chain(&site.meta_policies).collect();
    // A worker has the policy of its own script's response, not the page's `meta`; hosts send
    // one header for all.
    let of_worker: Vec<&Policy> = site.header_policies.iter().collect();
    let need =
        |code, policies: &[&Policy], allows: &dyn Fn(&Policy) -> bool, directive: &str, cost| {
            if policies.iter().all(|policy| allows(policy)) {
                return EmbedCheck::good(code, format!("The policy allows {directive}."));
            }
            let what = format!("The Content-Security-Policy does not allow {directive}.");
            EmbedCheck::missing(code, what, cost, format!("add it to every policy: {directive}"))
        };
    let mut checks = vec![
        need(
            "csp_worker",
            &of_page,
            &|policy| policy.allows_worker(page),
            "worker-src 'self'",
            "the engine does not start",
        ),
        need(
            "csp_wasm",
            &of_worker,
            &Policy::allows_wasm,
            "script-src 'wasm-unsafe-eval'",
            "the engine cannot be compiled",
        ),
        need(
            "csp_pictures",
            &of_page,
            &|policy| policy.allows_picture("blob") && policy.allows_picture("data"),
            "img-src blob: data:",
            "tiles have no pictures",
        ),
        need(
            "csp_own",
            &of_worker,
            &|policy| policy.allows_connection(page, page),
            "connect-src 'self'",
            "the engine's own code, which is fetched beside its script, is not loaded",
        ),
    ];
    if let Some(server) = server {
        checks.push(need(
            "csp_server",
            &of_worker,
            &|policy| policy.allows_connection(page, server),
            &format!("connect-src {}", server.origin().ascii_serialization()),
            "the server cannot be asked: no products, no search",
        ));
    }
    checks
}

/// What the Vitrine server says to a page of this origin.
fn server(site: &Site) -> Vec<EmbedCheck> {
    const CODE: &str = "server";
    let (Some(server), Some(answer)) = (&site.server, &site.manifest) else {
        return vec![EmbedCheck::missing(
            CODE,
            "Neither the HTML nor a script that was read names a Vitrine server.",
            "there is nothing to show",
            "write <vitrine-shop server=\"https://…\"> or configure({ server: 'https://…' }); \
             where the address is put together at run time, give it here as --server",
        )];
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(fault) => return vec![unreachable(server, fault)],
    };
    let mut checks = vec![origin(site, server, answer), mixed(site, server)];
    match decode_manifest(&answer.body) {
        Ok(manifest) => checks.extend(published(&manifest)),
        Err(error) => checks.push(EmbedCheck::missing(
            CODE,
            format!("What {server} answers is no manifest: {error}"),
            "there is nothing to show",
            "give the address of a Vitrine server of this version",
        )),
    }
    checks
}

fn unreachable(server: &Url, fault: &FetchFault) -> EmbedCheck {
    let cost = "there is nothing to show";
    match fault {
        // What a server says that has nothing published yet.
        FetchFault::Status { status: 503, .. } => EmbedCheck::missing(
            "catalogue",
            format!("{server} has no catalogue yet."),
            cost,
            "publish one: vitrine import",
        ),
        _ => EmbedCheck::missing(
            "server",
            format!("{server} does not give its manifest: {fault}"),
            cost,
            "start it with vitrine serve, and check its address; one in a private network needs \
             --private-host",
        ),
    }
}

fn origin(site: &Site, server: &Url, answer: &ManifestAnswer) -> EmbedCheck {
    const CODE: &str = "origin";
    let own = site.origin();
    if server.origin() == site.page.origin() {
        return EmbedCheck::good(CODE, "Page and server have one origin.");
    }
    match answer.allowed_origin.as_deref() {
        Some(allowed) if allowed == own || allowed == "*" => {
            EmbedCheck::good(CODE, format!("The server lets pages of {own} read its answers."))
        }
        _ => EmbedCheck::missing(
            CODE,
            format!("The server's list of origins lacks {own}."),
            "browsers refuse all of its answers: no products, no search",
            format!("start it with --embed-origin {own}, or add that to origins in [embed]"),
        ),
    }
}

fn mixed(site: &Site, server: &Url) -> EmbedCheck {
    const CODE: &str = "mixed_content";
    if site.page.scheme() == "https" && server.scheme() == "http" {
        return EmbedCheck::missing(
            CODE,
            "The page is served over https, the Vitrine server over http.",
            "browsers block every request to it",
            "put the server behind TLS",
        );
    }
    EmbedCheck::good(CODE, "The page may ask a server of that scheme.")
}

fn published(manifest: &Manifest) -> [EmbedCheck; 2] {
    let catalogue = format!("A catalogue is published: {}.", manifest.shop);
    let model = match &manifest.model {
        Some(_) => EmbedCheck::good("model", "A model is published."),
        // A shop without a log of orders has none, and is whole without it.
        None => EmbedCheck {
            todo: "train one when there is a log of orders: vitrine train".to_owned(),
            ..EmbedCheck::good("model", "No model is published; what most people buy comes first.")
        },
    };
    [EmbedCheck::good("catalogue", catalogue), model]
}

/// Whether anything tells the engine what a shopper does.
fn events(site: &Site) -> EmbedCheck {
    const CODE: &str = "events";
    let own = site.scripts.iter().any(|script| script.records() && !script.is_package());
    if own {
        return EmbedCheck::good(CODE, "A script of the page calls record().");
    }
    if site.elements.iter().any(|element| element.has_basket) {
        return EmbedCheck::good(CODE, "The elements record what goes into the basket.");
    }
    EmbedCheck::unknown(
        CODE,
        "No script beside the packages calls record(); a bundle may do so.",
        "product pages call record({ type: 'view_item', sku }), the checkout \
         record({ type: 'purchase', sku }); without events the order stays what most people buy",
    )
}
