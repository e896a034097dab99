//! What went wrong between us and the broker.

use std::fmt;

use lapin::ErrorKind;
use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};

use crate::connect::mistrusted;
use crate::ports::PortError;
use crate::settings::ServiceUrl;

/// Why a call failed, before it is said which broker it was.
#[derive(Debug)]
pub(super) enum Failure {
    /// What the client library says.
    Client(lapin::Error),
    /// The connection went away before there was an answer.
    Lost,
    /// A queue of ours exists with other arguments.
    Mismatch { queue: String, reason: String },
    /// The broker gave the doorbell back or did not take it.
    NotTaken { queue: String, reason: String },
}

impl From<lapin::Error> for Failure {
    fn from(error: lapin::Error) -> Self {
        Self::Client(error)
    }
}

impl Failure {
    /// Whether the connection or the channel is gone, so that the call may do better on a new one. A refusal is an answer.
    pub(super) fn is_loss(&self) -> bool {
        match self {
            Self::Lost => true,
            Self::Mismatch { .. } | Self::NotTaken { .. } => false,
            Self::Client(error) => match error.kind() {
                ErrorKind::ProtocolError(protocol_error) => {
                    matches!(protocol_error.kind(), AMQPErrorKind::Hard(_)) && !is_final(protocol_error)
                }
                ErrorKind::IOError(_)
                | ErrorKind::MissingHeartbeatError
                | ErrorKind::InvalidConnectionState(_)
                | ErrorKind::InvalidChannelState(..)
                | ErrorKind::InvalidChannel(_) => true,
                // The list of kinds is open; none of the others is about a connection that was lost.
                _ => false,
            },
        }
    }

    /// The same failure, said to someone who knows no AMQP.
    pub(super) fn at(self, broker: &ServiceUrl) -> PortError {
        match self {
            Self::Client(error) => client(broker, &error),
            Self::Lost => unreachable(broker, &"the connection was lost"),
            Self::Mismatch { queue, reason } => PortError::Unusable {
                what: format!("the queue {queue} on {broker}"),
                reason: format!(
                    "it exists with other arguments than Refit's ({reason}): delete it once it is empty, Refit makes it anew"
                ),
            },
            Self::NotTaken { queue, reason } => {
                PortError::Unreachable { what: format!("the queue {queue} on {broker}"), reason }
            }
        }
    }
}

fn client(broker: &ServiceUrl, error: &lapin::Error) -> PortError {
    let what = broker.to_string();
    match error.kind() {
        ErrorKind::ProtocolError(protocol_error) if is_final(protocol_error) => {
            PortError::Unusable { what, reason: protocol_error.get_message().to_string() }
        }
        ErrorKind::ProtocolError(protocol_error) => {
            PortError::Unreachable { what, reason: protocol_error.get_message().to_string() }
        }
        _ => no_way(broker, &error),
    }
}

/// Whether trying again cannot help: the user, the virtual host or the arguments have to change.
fn is_final(protocol_error: &AMQPError) -> bool {
    match protocol_error.kind() {
        AMQPErrorKind::Soft(soft) => {
            matches!(soft, AMQPSoftError::ACCESSREFUSED | AMQPSoftError::PRECONDITIONFAILED)
        }
        AMQPErrorKind::Hard(hard) => matches!(hard, AMQPHardError::NOTALLOWED | AMQPHardError::INVALIDPATH),
    }
}

/// There is no way to the broker: its certificate is not believed, or it does not answer.
pub(super) fn no_way(broker: &ServiceUrl, error: &dyn fmt::Display) -> PortError {
    match mistrusted(&error.to_string()) {
        Some(reason) => PortError::Unusable { what: broker.to_string(), reason },
        None => unreachable(broker, error),
    }
}

/// The broker does not answer, or not any more.
pub(super) fn unreachable(broker: &ServiceUrl, reason: &dyn fmt::Display) -> PortError {
    PortError::Unreachable { what: broker.to_string(), reason: reason.to_string() }
}
