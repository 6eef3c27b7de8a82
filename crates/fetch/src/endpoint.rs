//! A client of one address that the operator has named.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{HeaderValue, StatusCode, header};
use url::Url;

use crate::response::{self, ResponseBody};
use crate::{FetchFault, tls};

/// How an endpoint is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointOptions {
    /// Who asks, and why: `User-Agent`.
    pub user_agent: String,
    /// Most time for a request, from the look-up of the name to the last byte.
    pub total_timeout: Duration,
    /// Most bytes of a reply.
    pub reply_bytes_max: u64,
    /// Most idle connections that are kept.
    pub idle_connections_max: usize,
}

/// A client that asks one address and no other, with JSON. The address is the operator's own
/// word, so it may lie in a private network; what it answers with leads nowhere else, since no
/// redirect is followed. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct EndpointClient {
    agent: Agent,
    url: Url,
    /// Marked as sensitive, so that no log shows it.
    authorization: Option<HeaderValue>,
    reply_bytes_max: u64,
}

impl EndpointClient {
    /// A client of an address that [`parse_url`](crate::parse_url) has read, with a key that it is
    /// shown (`Authorization: Bearer`), if there is one. It uses no proxy.
    ///
    /// # Errors
    /// [`FetchFault::Key`].
    pub fn new(url: Url, key: Option<&str>, options: &EndpointOptions) -> Result<Self, FetchFault> {
        let authorization = key.map(bearer).transpose()?;
        let config = Agent::config_builder()
            .tls_config(tls::config())
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(options.total_timeout))
            .max_idle_connections_per_host(options.idle_connections_max)
            .user_agent(&options.user_agent)
            .accept("application/json")
            .build();
        let agent = Agent::new_with_config(config);
        Ok(Self { agent, url, authorization, reply_bytes_max: options.reply_bytes_max })
    }

    /// Posts a JSON document and gives back the body of the reply, of a status of 200.
    ///
    /// # Errors
    /// The endpoint cannot be reached, answers with another status or a redirect, too late, or
    /// with more bytes than the options allow.
    pub fn post_json(&self, body: &str) -> Result<Vec<u8>, FetchFault> {
        let mut request =
            self.agent.post(self.url.as_str()).header(header::CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization.clone());
        }
        let (parts, body) = request.send(body)?.into_parts();
        match parts.status {
            StatusCode::OK => {
                let mut bytes = Vec::new();
                let body = ResponseBody::new(self.url.clone(), parts.headers, body);
                body.copy_to(&mut bytes, self.reply_bytes_max, &AtomicBool::new(false))?;
                Ok(bytes)
            }
            status if status.is_redirection() => Err(FetchFault::Redirects { redirects_max: 0 }),
            status => Err(FetchFault::Status {
                status: status.as_u16(),
                retry_after: response::retry_after(&parts.headers),
            }),
        }
    }
}

/// The header that shows a key.
fn bearer(key: &str) -> Result<HeaderValue, FetchFault> {
    let is_visible = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    let value = HeaderValue::from_str(&format!("Bearer {key}"));
    let mut value = value.ok().filter(|_| is_visible).ok_or(FetchFault::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;
    use crate::parse_url;

    const KEY: &str = "sk-not-to-be-seen";

    fn options() -> EndpointOptions {
        EndpointOptions {
            user_agent: "test/1".to_owned(),
            total_timeout: Duration::from_secs(20),
            reply_bytes_max: 64,
            idle_connections_max: 0,
        }
    }

    /// A server that answers one request as told; its thread gives back what was asked.
    fn answering(answer: String) -> (EndpointClient, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut n_bytes) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let start = head.len();
                reader.read_line(&mut head).unwrap();
                let line = head[start..].to_ascii_lowercase();
                if let Some(length) = line.strip_prefix("content-length:") {
                    n_bytes = length.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; n_bytes];
            reader.read_exact(&mut body).unwrap();
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            head + &String::from_utf8(body).unwrap()
        });
        let url = parse_url(&format!("http://{address}/v1/chat/completions")).unwrap();
        (EndpointClient::new(url, Some(KEY), &options()).unwrap(), asked)
    }

    fn answer(status: &str, headers: &str, body: &str) -> String {
        let n = body.len();
        format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {n}\r\nconnection: close\r\n\r\n{body}"
        )
    }

    #[test]
    fn one_address_is_asked_with_its_key_which_nothing_shows() {
        let (client, asked) = answering(answer("200 OK", "", "{}"));
        assert!(!format!("{client:?}").contains(KEY));
        assert_eq!(client.post_json(r#"{"a": 1}"#).unwrap(), b"{}");
        let asked = asked.join().unwrap();
        assert!(asked.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_ascii_lowercase().contains(&format!("authorization: bearer {KEY}\r\n")));
        assert!(asked.ends_with(r#"{"a": 1}"#), "{asked}");
    }

    #[test]
    fn redirects_other_statuses_and_too_much_are_faults() {
        let elsewhere = "location: http://127.0.0.1:9/\r\n";
        let (client, asked) = answering(answer("307 Temporary Redirect", elsewhere, ""));
        assert!(matches!(client.post_json("{}"), Err(FetchFault::Redirects { .. })));
        asked.join().unwrap();
        let (client, asked) = answering(answer("500 Internal Server Error", "", "{}"));
        assert!(matches!(client.post_json("{}"), Err(FetchFault::Status { status: 500, .. })));
        asked.join().unwrap();
        let (client, asked) = answering(answer("200 OK", "", &" ".repeat(65)));
        assert!(matches!(client.post_json("{}"), Err(FetchFault::TooLarge { bytes_max: 64 })));
        asked.join().unwrap();
    }

    #[test]
    fn a_key_is_visible_ascii() {
        let url = parse_url("https://model.example/v1").unwrap();
        for key in ["", "a b", "a\r\nx: y", "é"] {
            let made = EndpointClient::new(url.clone(), Some(key), &options());
            assert!(matches!(made, Err(FetchFault::Key)), "{key:?}");
        }
    }
}
