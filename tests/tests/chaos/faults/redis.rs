//! Redis that answers, and does not keep what it is told: emptied, read-only, full, failed over.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use refit_tests::proxy::address_of;

use crate::arena::{Arena, Heal};
use crate::plan::{Fault, FaultPlan};
use crate::watch::within;

/// Longer than a service that is whole takes to answer.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Longer than a lease: workers that are heard of by nobody keep their jobs.
const LONG: u64 = 13_000;
/// Where the bus is, among the proxies.
const BUS: usize = 1;

/// Which of the two there are.
#[derive(Debug, Clone, Copy)]
enum Server {
    /// The one that is restarted, frozen and emptied.
    First,
    /// The one that is failed over to.
    Spare,
}

pub(super) fn strike(arena: &mut Arena, plan: &mut FaultPlan, fault: Fault) -> bool {
    let for_ms = if plan.draw(4) == 0 { LONG } else { 500 + plan.draw(3500) };
    let (struck, heal) = match fault {
        Fault::RedisFlush => return send(arena, Server::First, &["FLUSHALL"]),
        // Of a primary that is not there.
        Fault::RedisReadOnly => (send(arena, Server::First, &["REPLICAOF 127.0.0.1 1"]), Heal::Redis(fault)),
        Fault::RedisFull => (send(arena, Server::First, &["CONFIG SET maxmemory 1"]), Heal::Redis(fault)),
        _ => (fail_over(arena), Heal::Redis(fault)),
    };
    if struck {
        arena.wound(fault.target(), None, for_ms, heal);
    }
    struck
}

/// Undoes it. `false`: it has to be tried again.
pub(crate) fn heal(arena: &Arena, fault: Fault) -> bool {
    match fault {
        Fault::RedisReadOnly => send(arena, Server::First, &["REPLICAOF NO ONE"]),
        Fault::RedisFull => send(arena, Server::First, &["CONFIG SET maxmemory 0"]),
        _ => fail_back(arena),
    }
}

/// The spare is the primary now, with what it has copied, and the address leads to it. The first lives on as its replica, with all
/// connections that were on it.
fn fail_over(arena: &Arena) -> bool {
    let (first, spare) = (address(arena, Server::First), address(arena, Server::Spare));
    let done = send(arena, Server::Spare, &["REPLICAOF NO ONE"]) && follow(arena, Server::First, spare);
    if done {
        arena.proxies[BUS].lead_to(spare);
    } else {
        // Half of it is undone.
        let _one_primary = send(arena, Server::First, &["REPLICAOF NO ONE"]) && follow(arena, Server::Spare, first);
    }
    done
}

fn fail_back(arena: &Arena) -> bool {
    let first = address(arena, Server::First);
    let done = send(arena, Server::First, &["REPLICAOF NO ONE"]) && follow(arena, Server::Spare, first);
    if done {
        arena.proxies[BUS].lead_to(first);
    }
    done
}

/// At the start: the spare copies the first, and whoever may enter there may enter here.
pub(crate) fn prepare_spare(arena: &Arena) {
    let url = arena.spare.variable("REFIT_TEST_REDIS");
    let password = password_of(arena.services.variable("REFIT_TEST_REDIS"));
    assert!(say(arena, url, &[&format!("CONFIG SET requirepass {password}")]), "the spare Redis is up");
    assert!(follow(arena, Server::Spare, address(arena, Server::First)), "the spare Redis copies the first");
}

fn follow(arena: &Arena, server: Server, primary: &str) -> bool {
    let password = password_of(arena.services.variable("REFIT_TEST_REDIS"));
    let primary = primary.replace(':', " ");
    send(arena, server, &[&format!("CONFIG SET masterauth {password}"), &format!("REPLICAOF {primary}")])
}

fn address(arena: &Arena, server: Server) -> &str {
    address_of(match server {
        Server::First => arena.services.variable("REFIT_TEST_REDIS"),
        Server::Spare => arena.spare.variable("REFIT_TEST_REDIS"),
    })
}

fn password_of(url: &str) -> &str {
    let login = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(login, _)| login);
    login.split_once(':').map_or("", |(_, password)| password)
}

/// Gives commands to a server itself, past the proxy.
fn send(arena: &Arena, server: Server, commands: &[&str]) -> bool {
    let first = arena.services.variable("REFIT_TEST_REDIS");
    say(arena, &first.replace(address_of(first), address(arena, server)), commands)
}

fn say(arena: &Arena, url: &str, commands: &[&str]) -> bool {
    let said = within(&arena.runtime, TIME_LIMIT, async {
        let mut redis: MultiplexedConnection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        for command in commands {
            let mut words = command.split(' ');
            let mut command = redis::cmd(words.next().unwrap_or_default());
            for word in words {
                command.arg(word);
            }
            command.query_async::<redis::Value>(&mut redis).await?;
        }
        redis::RedisResult::Ok(())
    });
    matches!(said, Some(Ok(())))
}
