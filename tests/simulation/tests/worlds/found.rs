//! Worlds in which something was wrong once, each named after what it was.

use envoi_simulation::{Options, run};

fn all_is_well(transport: &str, seeds: &[u64]) {
    judge(seeds, false, transport);
}

/// Worlds that were found before anybody could sign in.
fn all_is_well_among_guests(transport: &str, seeds: &[u64]) {
    judge(seeds, true, transport);
}

fn judge(seeds: &[u64], guests: bool, transport: &str) {
    for seed in seeds {
        let verdict = run(*seed, &Options { transport: transport.to_owned(), guests, ..Options::default() });
        let among = if guests { " --guests" } else { "" };
        assert_eq!(
            verdict.violations,
            [],
            "cargo xtask simulate --transport {transport} --seed {seed}{among}"
        );
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
    all_is_well("digital_channels", &[54]);
}

#[test]
fn nothing_that_was_said_on_a_socket_that_was_given_up_arrives_after_all() {
    all_is_well_among_guests("web_messaging", &[219]);
}

#[test]
fn the_service_learns_that_the_opening_of_a_socket_was_given_up() {
    all_is_well_among_guests("web_messaging", &[277]);
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

#[test]
fn a_reading_that_proves_an_older_doubt_does_not_settle_a_newer_one() {
    all_is_well("gms_cometd", &[2632, 3551]);
}

#[test]
fn what_comes_by_itself_proves_nothing_however_much_it_is() {
    all_is_well("gms_cometd", &[1565]);
}

#[test]
fn many_sockets_in_a_row_are_no_burst_of_connects() {
    all_is_well("gms_cometd", &[8318]);
}

#[test]
fn a_text_that_waited_for_the_disk_does_not_leave_for_a_chat_that_is_over() {
    all_is_well("gms_cometd", &[9938]);
}

#[test]
fn five_messages_in_a_second_are_counted_where_they_arrive() {
    all_is_well_among_guests("web_messaging", &[1112, 1677, 6535]);
}

#[test]
fn nobody_waits_for_the_history_when_as_much_was_read_as_the_service_takes() {
    all_is_well_among_guests("web_messaging", &[3346, 3836, 5930]);
}

#[test]
fn a_read_that_the_service_turns_down_shows_that_it_answers_again() {
    all_is_well_among_guests("web_messaging", &[1679]);
}

#[test]
fn a_page_of_history_is_no_sign_of_a_socket_that_works() {
    all_is_well_among_guests("web_messaging", &[7262]);
}

#[test]
fn a_connect_that_was_swallowed_by_day_is_waited_for_as_long_as_the_settings_say() {
    all_is_well("gms_cometd", &[3876]);
}

#[test]
fn what_the_day_held_up_is_not_held_against_the_evening() {
    all_is_well_among_guests("web_messaging", &[2665, 2991]);
}

#[test]
fn what_was_missed_may_be_read_as_soon_as_the_service_takes_more_reads() {
    all_is_well_among_guests("web_messaging", &[3226]);
}

#[test]
fn a_chat_without_a_token_may_be_given_up_by_a_program_that_dies_of_it() {
    all_is_well("gms", &[8056]);
}

#[test]
fn whoever_is_waited_for_is_told_so_each_time_that_a_kept_chat_is_asked_for() {
    all_is_well("web_messaging", &[2, 5, 10, 31]);
}

#[test]
fn a_code_that_could_not_be_exchanged_for_want_of_a_network_is_not_waited_for_in_silence() {
    all_is_well("web_messaging", &[49]);
}

#[test]
fn a_service_that_wants_to_be_left_alone_with_codes_is() {
    all_is_well("web_messaging", &[1249, 1705]);
}

#[test]
fn a_pass_that_was_asked_for_in_an_outage_is_waited_for_as_long_as_the_settings_say() {
    all_is_well("web_messaging", &[17, 291]);
}

#[test]
fn what_comes_after_a_wake_does_not_tell_that_the_service_hears_us() {
    all_is_well("web_messaging", &[3669, 3914]);
}
