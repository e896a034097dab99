//! What a broker says of itself when it is greeted.
//!
//! `lapin` keeps the server's properties to itself, and its handshake has no end with a broker that accepts and then says
//! nothing: each attempt would leave a thread behind. So each connection is preceded by a greeting on a connection of its own,
//! which a time limit can drop. The broker notes it as a client that left early.

use std::fmt;
use std::io;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use lapin::tcp::{AMQPUriTcpExt, TLSConfig};
use lapin::uri::AMQPUri;

/// The header of AMQP 0-9-1.
const HELLO: &[u8] = b"AMQP\0\0\x09\x01";

/// Longer than any first frame: the properties of a server are about 500 bytes.
const FRAME: usize = 64 << 10;

/// Product and version of a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Greeting {
    product: String,
    version: String,
}

impl Greeting {
    /// Greets the broker. Has no time limit of its own.
    pub(super) async fn of(uri: &AMQPUri, tls: TLSConfig<'_, '_, '_>) -> io::Result<Self> {
        let runtime = lapin::runtime::default_runtime().map_err(io::Error::other)?;
        let mut stream = uri.connect_with_config_async(tls, &runtime).await?;
        stream.write_all(HELLO).await?;
        stream.flush().await?;
        // Type, channel and size, then the payload.
        let mut head = [0; 7];
        stream.read_exact(&mut head).await?;
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]) as usize;
        if head[..4] == HELLO[..4] || size > FRAME {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it does not speak AMQP 0-9-1"));
        }
        let mut start = vec![0; size];
        stream.read_exact(&mut start).await?;
        let text = |key| property(&start, key).unwrap_or_else(|| "unknown".into());
        Ok(Self { product: text("product"), version: text("version") })
    }

    /// Whether one limit of unacknowledged messages may cover all consumers of a channel: from 4.3 on RabbitMQ closes the
    /// connection of who asks for that, unless its administrator allowed it.
    pub(super) fn allows_shared_limit(&self) -> bool {
        let mut numbers = self.version.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor) = (numbers.next().flatten(), numbers.next().flatten());
        self.product == "RabbitMQ" && major.zip(minor).is_some_and(|version| version < (4, 3))
    }
}

impl fmt::Display for Greeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.product, self.version)
    }
}

/// A text of a field table: its name after its length, `S`, and the text after its length.
fn property(table: &[u8], name: &str) -> Option<String> {
    let mut mark = vec![name.len() as u8];
    mark.extend_from_slice(name.as_bytes());
    mark.push(b'S');
    let at = table.windows(mark.len()).position(|window| window == mark)? + mark.len();
    let (length, rest) = table.get(at..)?.split_first_chunk::<4>()?;
    Some(String::from_utf8_lossy(rest.get(..u32::from_be_bytes(*length) as usize)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_found_by_name() {
        let table = b"\x00\x0c\x07productS\x00\x00\x00\x08RabbitMQ\x07versionS\x00\x00\x00\x063.10.8";
        assert_eq!(property(table, "product").as_deref(), Some("RabbitMQ"));
        assert_eq!(property(table, "version").as_deref(), Some("3.10.8"));
        assert_eq!(property(table, "platform"), None);
        assert_eq!(property(b"\x07versionS\x00\x00\x01\x003.10", "version"), None);
    }

    #[test]
    fn the_shared_limit_ends_with_4_3() {
        let allows = |product: &str, version: &str| {
            Greeting { product: product.into(), version: version.into() }.allows_shared_limit()
        };
        for version in ["3.10.8", "3.13.0", "4.0.9", "4.2.1-rc.1"] {
            assert!(allows("RabbitMQ", version), "{version}");
        }
        for (product, version) in
            [("RabbitMQ", "4.3.0"), ("RabbitMQ", "5.0.0"), ("RabbitMQ", "unknown"), ("Other", "1.0.0")]
        {
            assert!(!allows(product, version), "{product} {version}");
        }
    }
}
