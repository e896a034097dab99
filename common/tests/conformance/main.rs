//! One suite per port, run against every implementation: what the rest of Refit may rely on.
//!
//! A suite is a list of generic functions over a fixture; a macro makes a test of each. Another implementation needs a fixture
//! and one line. What needs a service reads its address from the environment, and is skipped without it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a test may give up")]

mod bus;
mod embedded;
#[path = "../../../tests/src/limits.rs"]
#[allow(unreachable_pub, dead_code, reason = "it is a module of another crate, too")]
mod limits;
mod private_redis;
#[path = "../../../tests/src/proxy.rs"]
#[allow(unreachable_pub, dead_code, reason = "it is a module of another crate, too")]
mod proxy;
mod queue;
mod rabbitmq;
mod redis;
mod refusing;
mod s3;
mod store;
mod support;

suite!(queue, [sqlite_queue: embedded::Queue, rabbitmq_queue: rabbitmq::Queue], [
    doorbells_reach_another_instance,
    the_highest_level_comes_first_and_then_the_oldest,
    a_consumer_gets_only_its_pools,
    a_batch_of_doorbells_comes_whole,
    a_doorbell_goes_to_one_consumer,
    a_waiting_consumer_is_woken,
    a_cancelled_next_loses_nothing,
    a_dropped_consumer_gives_back,
    a_dead_consumer_gives_back_and_cannot_acknowledge_late,
    an_acknowledged_doorbell_is_gone,
    what_cannot_be_read_is_kept_aside,
    a_doorbell_that_nobody_takes_expires,
    many_may_publish_at_once,
    the_queue_answers,
]);

suite!(bus, [sqlite_bus: embedded::Bus, redis_bus: redis::Bus], [
    messages_reach_another_instance_in_order,
    a_reader_sees_each_message_once,
    mailboxes_are_apart,
    the_tail_sees_only_what_comes_later,
    a_waiting_reader_is_woken,
    a_waiting_taker_is_woken,
    a_cancelled_read_loses_nothing,
    an_empty_mailbox_lets_the_reader_go,
    a_message_is_taken_by_one_reader,
    a_message_that_is_taken_says_how_old_it_is,
    a_cell_keeps_the_newest_value,
    a_cell_expires,
    what_cannot_be_understood_is_kept_and_counted,
    the_bus_answers,
]);

suite!(store, [directory_store: embedded::Store, s3_store: s3::Store], [
    objects_reach_another_instance,
    put_replaces_and_create_does_not,
    one_of_many_creates_wins,
    a_file_goes_up_and_comes_down,
    an_object_is_read_piece_by_piece,
    what_is_too_large_is_not_read_whole,
    an_altered_object_is_found_out,
    what_is_not_there_is_said,
    a_list_stays_below_its_folder,
    deleting_twice_is_fine,
    every_key_stays_in_the_store,
    the_store_answers,
]);
