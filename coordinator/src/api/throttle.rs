//! Wrong tokens are answered ever more slowly, by the address they come from. Right ones never are: nobody is locked out by another.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Wrong tokens that are answered at once: somebody mistyped, or has an old one.
const FREE: f64 = 3.0;
/// Wrong tokens from which on an address is told to come back later.
const MOST: f64 = 10.0;
/// One more is forgiven after so long.
const FORGIVEN: Duration = Duration::from_secs(6);
/// However many there were, this many are counted: whoever waits for a minute may try again.
const COUNTED: f64 = 20.0;
/// What an answer past the free ones waits.
const DELAY: Duration = Duration::from_millis(500);
/// Addresses remembered.
const ADDRESSES: usize = 4096;

/// How a wrong token is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Say so after this.
    After(Duration),
    /// Say nothing of it, but to come back after this.
    Later(Duration),
}

/// What is remembered of wrong tokens.
#[derive(Debug, Default)]
pub(super) struct Throttle(HashMap<IpAddr, Wrong>);

/// Wrong tokens of an address: a bucket that leaks.
#[derive(Debug, Clone, Copy)]
struct Wrong {
    level: f64,
    at: Instant,
}

impl Wrong {
    fn level(self, now: Instant) -> f64 {
        let forgiven = now.saturating_duration_since(self.at).as_secs_f64() / FORGIVEN.as_secs_f64();
        (self.level - forgiven).max(0.0)
    }
}

impl Throttle {
    /// A wrong token came from here, now.
    pub(super) fn wrong(&mut self, from: IpAddr, now: Instant) -> Pace {
        let from = network(from);
        let level = self.0.get(&from).map_or(0.0, |wrong| wrong.level(now)) + 1.0;
        if self.0.len() >= ADDRESSES && !self.0.contains_key(&from) {
            self.forget(now);
        }
        self.0.insert(from, Wrong { level: level.min(COUNTED), at: now });
        match level {
            ..=FREE => Pace::After(Duration::ZERO),
            ..=MOST => Pace::After(DELAY),
            _ => Pace::Later(FORGIVEN.mul_f64(level.min(COUNTED) - MOST)),
        }
    }

    /// Makes room: those that are forgiven go, and if there are none, half of the others.
    fn forget(&mut self, now: Instant) {
        self.0.retain(|_, wrong| wrong.level(now) > 0.0);
        if self.0.len() >= ADDRESSES {
            let mut times: Vec<Instant> = self.0.values().map(|wrong| wrong.at).collect();
            let (_, middle, _) = times.select_nth_unstable(ADDRESSES / 2);
            let middle = *middle;
            self.0.retain(|_, wrong| wrong.at > middle);
        }
    }
}

/// Whoever has one address of IPv6 has all of its network.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn wrong_tokens_are_slowed_down_then_put_off_and_forgiven_with_time() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        let paces: Vec<Pace> = (0..12).map(|_| throttle.wrong(HERE, start)).collect();
        assert_eq!(paces[..3], [Pace::After(Duration::ZERO); 3]);
        assert_eq!(paces[3..10], [Pace::After(DELAY); 7]);
        assert_eq!(paces[10..], [Pace::Later(FORGIVEN), Pace::Later(2 * FORGIVEN)]);
        let worst = (0..1000).map(|_| throttle.wrong(HERE, start)).last();
        assert_eq!(worst, Some(Pace::Later(10 * FORGIVEN)));
        assert_eq!(throttle.wrong(HERE, start + 11 * FORGIVEN), Pace::After(DELAY));
        assert_eq!(throttle.wrong(HERE, start + 100 * FORGIVEN), Pace::After(Duration::ZERO));
        let elsewhere = "192.0.2.7".parse().unwrap();
        assert_eq!(throttle.wrong(elsewhere, start), Pace::After(Duration::ZERO), "each address has its own count");
    }

    #[test]
    fn memory_is_bounded_and_a_network_is_one_address() {
        let (mut throttle, start) = (Throttle::default(), Instant::now());
        for number in 0..3 * ADDRESSES as u32 {
            let now = start + Duration::from_micros(number.into());
            throttle.wrong(IpAddr::V4(std::net::Ipv4Addr::from_bits(number)), now);
            assert!(throttle.0.len() <= ADDRESSES);
        }
        let mut throttle = Throttle::default();
        for host in 0..20 {
            throttle.wrong(format!("2001:db8::{host:x}").parse().unwrap(), start);
        }
        assert_eq!(throttle.0.len(), 1);
        throttle.wrong("::ffff:192.0.2.7".parse().unwrap(), start);
        assert!(throttle.0.contains_key(&"192.0.2.7".parse::<IpAddr>().unwrap()));
    }
}
