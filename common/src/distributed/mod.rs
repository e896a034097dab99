//! The ports in a cluster: RabbitMQ is the queue, Redis the bus, an S3 bucket the store.

mod rabbitmq;
mod redis;
mod s3;

pub use rabbitmq::RabbitQueue;
pub use redis::RedisBus;
pub use s3::open as bucket;
pub(crate) use s3::unproven as unproven_bucket;

#[cfg(test)]
pub(crate) use rabbitmq::reads as reads_amqp;
#[cfg(test)]
pub(crate) use redis::reads as reads_redis;
