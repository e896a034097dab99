//! The ports in a cluster: RabbitMQ is the queue, Redis the bus, an S3 bucket the store.

mod rabbitmq;
mod redis;
mod s3;

pub use rabbitmq::RabbitQueue;
pub use redis::RedisBus;
pub use s3::open as bucket;
pub(crate) use s3::unproven as unproven_bucket;
