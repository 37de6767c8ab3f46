//! Queues that are empty nearly always. A conversation has several, and in most of them nothing happens for hours: an empty queue
//! holds no room.

use std::collections::VecDeque;

/// Takes the first. With the last, the queue gives its room back.
pub fn next<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let first = queue.pop_front();
    if queue.is_empty() && queue.capacity() > 0 {
        *queue = VecDeque::new();
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_leave_in_their_order_and_leave_no_room_behind() {
        let mut queue = VecDeque::from([1, 2]);
        assert_eq!([next(&mut queue), next(&mut queue), next(&mut queue)], [Some(1), Some(2), None]);
        assert_eq!(queue.capacity(), 0);
    }
}
