//! Addresses that somebody has named by the API: whoever may name them must not reach what only this machine can.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use common::settings::Alerts;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// So much of an answer is repeated where it is no success.
const REPEATED: usize = 200;

/// Where messages are posted.
#[derive(Debug)]
pub(super) struct Receiver {
    client: Client,
    url: Url,
}

/// Why no channel can lead there; nothing, if it can.
pub(in crate::service::alerts) fn flaw(alerts: &Alerts, url: &str) -> Option<String> {
    // Parsers of URLs read these in ways of their own.
    let odd = url.chars().any(|character| character.is_whitespace() || character.is_control() || character == '\\');
    let Ok(parsed) = Url::parse(url) else { return Some("it is no address: write https://HOST/PATH".into()) };
    if odd || parsed.port() == Some(0) {
        return Some("it has spaces, a backslash or no port in it: write https://HOST/PATH".into());
    }
    match parsed.scheme() {
        "https" => {}
        "http" if alerts.private_addresses => {}
        "http" => return Some("what is told may be secret: write https:// (or allow alerts.private_addresses)".into()),
        _ => return Some("write https://HOST/PATH".into()),
    }
    let Some(host) = parsed.host_str() else { return Some("it names no host".into()) };
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok()?;
    (!alerts.private_addresses && !is_public(address)).then(|| not_public(address))
}

fn not_public(address: IpAddr) -> String {
    format!("{address} is no public address: such are not told anything unless alerts.private_addresses allows it")
}

impl Receiver {
    /// Who listens at an address.
    pub(super) fn new(alerts: &Alerts, url: &str) -> Result<Self, String> {
        if let Some(flaw) = flaw(alerts, url) {
            return Err(flaw);
        }
        let url = Url::parse(url).map_err(|error| error.to_string())?;
        let mut client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).user_agent("refit");
        if !alerts.private_addresses {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self { client: client.build().map_err(|error| reason(&error))?, url })
    }

    /// A request to it.
    pub(super) fn post(&self) -> RequestBuilder {
        self.client.post(self.url.clone())
    }
}

/// Sends a request: success, or why not.
pub(super) async fn delivered(request: RequestBuilder) -> Result<(), String> {
    let answer = request.send().await.map_err(|error| reason(&error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    if status.is_redirection() {
        return Err(format!("it answers {status}: redirects are not followed, name the address it leads to"));
    }
    let text = answer.text().await.unwrap_or_default();
    let text: String = text.chars().filter(|character| !character.is_control()).take(REPEATED).collect();
    Err(format!("it answers {status}: {text}").trim_end_matches([':', ' ']).to_owned())
}

/// An error in words, without the address: it may be a secret.
fn reason(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    let what = match (error.is_timeout(), error.is_connect()) {
        (true, _) => "no answer in time",
        (false, true) => "no connection",
        (false, false) => "not delivered",
    };
    if deepest.is::<reqwest::Error>() { what.to_owned() } else { format!("{what}: {deepest}") }
}

/// Looks names up, and knows no others than public addresses: also those that a name has come to mean since it was checked.
#[derive(Debug)]
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let first = found.first().map(SocketAddr::ip);
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            match (public.is_empty(), first) {
                (true, Some(address)) => Err(format!("{}: {}", name.as_str(), not_public(address)).into()),
                (true, None) => Err(format!("{} has no address", name.as_str()).into()),
                (false, _) => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address is of the public internet (the special-purpose registries of IANA, RFC 6890, and what embeds an address of IPv4).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    let benchmarks = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 224
        || shared
        || protocols
        || benchmarks
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Global unicast is 2000::/3; of that, Teredo and documentation lead nowhere.
    (0x2000..0x4000).contains(&a) && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8)) && !(a == 0x3fff && b < 0x1000)
}

/// The address of IPv4 that one of IPv6 stands for: mapped, compatible, translated (NAT64), or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff | 0) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        (0x2002, ..) => Some(v4(b, c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for public in ["8.8.8.8", "192.0.1.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for other in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "fec0::1",
            "2001:db8::1",
            "2001:0:1::1",
            "3fff::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn what_leads_into_this_network_is_refused_where_it_is_named() {
        let (strict, lax) = (Alerts::default(), Alerts { private_addresses: true, ..Alerts::default() });
        for (url, strictly, laxly) in [
            ("https://hooks.example.com/x", true, true),
            ("http://hooks.example.com/x", false, true),
            ("https://127.0.0.1:8080/x", false, true),
            ("https://[::1]/x", false, true),
            // The parser of URLs reads these as 127.0.0.1 and 169.254.169.254.
            ("https://2130706433/", false, true),
            ("https://0x7f.1/", false, true),
            ("https://0251.0376.0251.0376/latest/meta-data", false, true),
            ("ftp://example.com/", false, false),
            ("file:///etc/passwd", false, false),
            ("nonsense", false, false),
            (" https://hooks.example.com/x", false, false),
            ("https://hooks.example.com\\@127.0.0.1/", false, false),
            ("https://hooks.example.com:0/", false, false),
        ] {
            assert_eq!((flaw(&strict, url).is_none(), flaw(&lax, url).is_none()), (strictly, laxly), "{url}");
        }
    }

    /// By DNS: `localhost` is a name like any other.
    #[tokio::test]
    async fn names_that_lead_into_this_network_are_not_found() {
        let found = PublicOnly.resolve("localhost".parse().unwrap()).await;
        let refused = found.err().unwrap().to_string();
        assert!(refused.contains("is no public address"), "{refused}");
    }
}
