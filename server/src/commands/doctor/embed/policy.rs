//! Content-Security-Policy: what of it decides whether Vitrine runs on a page.
//!
//! # Source
//! <https://www.w3.org/TR/CSP3/>, sections 6.7 (matching) and 6.8 (fallbacks).

use vitrine_fetch::Url;

/// One policy; a page that has several must satisfy each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    directives: Vec<(String, Vec<String>)>,
}

impl Policy {
    /// The policies of a header's value or of a `meta` element: those with a directive.
    pub fn read_all(value: &str) -> Vec<Self> {
        value.split(',').map(Self::read).filter(|policy| !policy.directives.is_empty()).collect()
    }

    fn read(text: &str) -> Self {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        for directive in text.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else { continue };
            // Of two with one name the first counts.
            if !directives.iter().any(|(found, _)| *found == name) {
                directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        Self { directives }
    }

    /// The sources of the first of these directives that the policy has.
    fn sources(&self, names: &[&str]) -> Option<&[String]> {
        let find = |name: &&str| self.directives.iter().find(|(found, _)| found == name);
        names.iter().find_map(find).map(|(_, sources)| sources.as_slice())
    }

    /// Whether a page of `page` may start a worker of its own origin.
    pub fn allows_worker(&self, page: &Url) -> bool {
        let names = ["worker-src", "child-src", "script-src", "default-src"];
        self.sources(&names).is_none_or(|sources| {
            // A worker is started by a script that is trusted.
            has_keyword(sources, "'strict-dynamic'") || any_matches(sources, page, page)
        })
    }

    /// Whether a script of `page` may ask `to`.
    pub fn allows_connection(&self, page: &Url, to: &Url) -> bool {
        let sources = self.sources(&["connect-src", "default-src"]);
        sources.is_none_or(|sources| any_matches(sources, page, to))
    }

    /// Whether WebAssembly may be compiled.
    pub fn allows_wasm(&self) -> bool {
        self.sources(&["script-src", "default-src"]).is_none_or(|sources| {
            ["'wasm-unsafe-eval'", "'unsafe-eval'"].iter().any(|word| has_keyword(sources, word))
        })
    }

    /// Whether pictures of this scheme, `blob` or `data`, may be shown.
    pub fn allows_picture(&self, scheme: &str) -> bool {
        // "*" stands for network schemes alone.
        let is_it = |source: &String| {
            source.strip_suffix(':').is_some_and(|found| found.eq_ignore_ascii_case(scheme))
        };
        let sources = self.sources(&["img-src", "default-src"]);
        sources.is_none_or(|sources| sources.iter().any(is_it))
    }
}

fn has_keyword(sources: &[String], word: &str) -> bool {
    sources.iter().any(|source| source.eq_ignore_ascii_case(word))
}

fn any_matches(sources: &[String], page: &Url, url: &Url) -> bool {
    sources.iter().any(|source| matches(source, page, url))
}

/// Whether a source expression has the origin of `url`; paths are not looked at.
fn matches(source: &str, page: &Url, url: &Url) -> bool {
    let source = source.to_ascii_lowercase();
    if source == "'self'" {
        return page.origin() == url.origin();
    }
    if source == "*" {
        return matches!(url.scheme(), "http" | "https" | "ws" | "wss") || same_scheme(page, url);
    }
    if let Some(scheme) = source.strip_suffix(':') {
        return scheme_allows(scheme, url.scheme());
    }
    let (scheme, host) = match source.split_once("://") {
        Some((scheme, host)) => (Some(scheme), host),
        None => (None, source.as_str()),
    };
    let scheme_fits = scheme_allows(scheme.unwrap_or(page.scheme()), url.scheme());
    let host = host.split('/').next().unwrap_or_default();
    let (host, port) = split_port(host);
    let name = url.host_str().unwrap_or_default();
    let host_fits = match host.strip_prefix("*.") {
        Some(domain) => name.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.')),
        None => host == name,
    };
    scheme_fits && host_fits && port_fits(port, url)
}

fn same_scheme(page: &Url, url: &Url) -> bool {
    page.scheme() == url.scheme()
}

/// A source of a scheme also has its secure sibling.
fn scheme_allows(source: &str, scheme: &str) -> bool {
    source == scheme || (source == "http" && scheme == "https")
}

/// Host and port of a source; an IPv6 address keeps its brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (host, None),
    }
}

/// Without a port the source means the standard one of the address's own scheme.
fn port_fits(port: Option<&str>, url: &Url) -> bool {
    match port {
        Some("*") => true,
        Some(port) => url.port_or_known_default().is_some_and(|of_url| of_url.to_string() == port),
        None => url.port().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn connects(policy: &str, to: &str) -> bool {
        let page = url("https://shop.example/");
        Policy::read_all(policy).iter().all(|policy| policy.allows_connection(&page, &url(to)))
    }

    #[test]
    fn sources_match_as_browsers_match_them() {
        const SERVER: &str = "https://find.shop.example";
        for policy in [
            "",
            "img-src 'none'",
            "default-src 'none'; connect-src https://find.shop.example",
            "connect-src find.shop.example",
            "connect-src *.shop.example",
            "connect-src HTTPS://FIND.shop.example/v1/",
            "connect-src http://find.shop.example",
            "connect-src https:",
            "connect-src *",
            "connect-src find.shop.example:443",
            "connect-src find.shop.example:*",
            "connect-src *; connect-src 'none'",
        ] {
            assert!(connects(policy, SERVER), "{policy}");
        }
        for policy in [
            "default-src 'self'",
            "connect-src 'none'",
            "connect-src",
            "connect-src https://shop.example",
            "connect-src *.find.shop.example",
            "connect-src find.shop.example:8443",
            "connect-src *, connect-src 'self'",
        ] {
            assert!(!connects(policy, SERVER), "{policy}");
        }
        assert!(!connects("connect-src find.shop.example", "https://find.shop.example:8443"));
        assert!(connects("connect-src http://[::1]:80", "http://[::1]/"));
        assert!(connects("connect-src 'self'", "https://shop.example/v1"));
    }

    #[test]
    fn each_need_falls_back_as_its_directive_does() {
        let page = url("https://shop.example/");
        let one = |text: &str| Policy::read_all(text).remove(0);
        assert!(one("script-src 'self'").allows_worker(&page));
        assert!(one("script-src 'nonce-a' 'strict-dynamic'").allows_worker(&page));
        assert!(!one("default-src 'self'; worker-src blob:").allows_worker(&page));
        assert!(one("default-src 'self' 'wasm-unsafe-eval'").allows_wasm());
        assert!(one("script-src 'unsafe-eval'").allows_wasm());
        assert!(!one("default-src 'wasm-unsafe-eval'; script-src 'self'").allows_wasm());
        assert!(one("img-src blob: data:").allows_picture("data"));
        assert!(!one("img-src * data:").allows_picture("blob"));
        assert!(one("connect-src 'none'").allows_picture("blob"));
    }
}
