//! What stands on the screen: the X server tells of everything that is drawn into a window, and hands out its pixels. This is
//! what a person would see, unlike what a page can know of its own painting.

use std::time::{Duration, Instant, SystemTime};

use x11rb::connection::Connection as _;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

/// A place in a window, in its pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) x: i16,
    pub(crate) y: i16,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// A place of a window on the screen, under observation.
pub(crate) struct Screen {
    server: RustConnection,
    window: u32,
    place: Place,
    shown: Vec<u8>,
}

impl Screen {
    /// Observes a place of the window with this number.
    pub(crate) fn watch(window: u32, place: Place) -> Self {
        let (server, _) = x11rb::connect(None).expect("the display answers");
        server.damage_query_version(1, 1).expect("a request").reply().expect("the display tells of drawing");
        let damage = server.generate_id().expect("a number");
        server.damage_create(damage, window, ReportLevel::RAW_RECTANGLES).expect("a request");
        let mut screen = Self { server, window, place, shown: Vec::new() };
        screen.shown = screen.pixels();
        screen
    }

    /// Takes what the place shows for known, as soon as nothing has been drawn there for a moment.
    pub(crate) fn settle(&mut self, calm: Duration) {
        let mut since = Instant::now();
        while since.elapsed() < calm {
            if self.is_drawn_to() {
                let pixels = self.pixels();
                if pixels != self.shown {
                    self.shown = pixels;
                    since = Instant::now();
                }
            } else {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// The moment at which the place shows something else than before.
    pub(crate) fn change(&mut self, patience: Duration) -> SystemTime {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < patience, "nothing else came to be seen at {:?}", self.place);
            if !self.is_drawn_to() {
                std::thread::sleep(Duration::from_micros(200));
                continue;
            }
            let pixels = self.pixels();
            if pixels != self.shown {
                self.shown = pixels;
                return SystemTime::now();
            }
        }
    }

    /// Whether something was drawn into the window since this was last asked.
    fn is_drawn_to(&self) -> bool {
        let mut drawn = false;
        while self.server.poll_for_event().expect("the display answers").is_some() {
            drawn = true;
        }
        drawn
    }

    fn pixels(&self) -> Vec<u8> {
        let Place { x, y, width, height } = self.place;
        let image = self.server.get_image(ImageFormat::Z_PIXMAP, self.window, x, y, width, height, u32::MAX);
        image.expect("a request").reply().expect("the window is on the screen").data
    }
}
