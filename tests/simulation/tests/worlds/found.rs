//! Worlds in which something was wrong once, each named after what it was.

use envoi_simulation::{Options, run};

fn all_is_well(transport: &str, seeds: &[u64]) {
    for seed in seeds {
        let verdict = run(*seed, &Options { transport: transport.to_owned(), ..Options::default() });
        assert_eq!(verdict.violations, [], "cargo xtask simulate --transport {transport} --seed {seed}");
    }
}

#[test]
fn what_arrived_before_the_newest_page_is_not_sent_again() {
    all_is_well("digital_channels", &[1, 15]);
}

#[test]
fn a_copy_is_not_given_to_a_message_that_never_arrived() {
    all_is_well("digital_channels", &[13]);
}

#[test]
fn the_beginning_is_read_though_the_program_dies_while_it_is_fetched() {
    all_is_well("digital_channels", &[60, 66]);
}

#[test]
fn a_message_that_waited_for_the_disk_is_not_asked_about() {
    all_is_well("digital_channels", &[53]);
}

#[test]
fn nothing_that_was_said_on_a_socket_that_was_given_up_arrives_after_all() {
    all_is_well("web_messaging", &[219]);
}

#[test]
fn the_service_learns_that_the_opening_of_a_socket_was_given_up() {
    all_is_well("web_messaging", &[277]);
}

#[test]
fn a_burst_of_messages_is_no_burst_of_connects() {
    all_is_well("gms_cometd", &[5, 19, 76]);
}

#[test]
fn what_comes_by_itself_is_not_taken_for_an_answer_that_was_lost() {
    all_is_well("gms_cometd", &[6, 26, 70, 135]);
}

#[test]
fn a_text_that_waited_for_the_disk_takes_its_socket_along() {
    all_is_well("gms_cometd", &[35, 160, 187]);
}

#[test]
fn a_socket_that_owes_an_answer_is_not_given_up_at_once() {
    all_is_well("gms_cometd", &[94]);
}

#[test]
fn a_second_copy_of_an_answer_proves_nothing() {
    all_is_well("gms_cometd", &[2345]);
}

#[test]
fn a_text_does_not_wait_for_the_answer_to_a_lesser_request() {
    all_is_well("gms_cometd", &[2305]);
}

#[test]
fn a_read_that_was_begun_for_an_older_doubt_does_not_settle_a_newer_one() {
    all_is_well("chat_session", &[475, 892]);
    all_is_well("yellow", &[612, 976]);
}
