//! What stands on the screen: the X server tells of everything that is drawn into a window, and hands out its pixels. This is
//! what a person would see, unlike what a page can know of its own painting.

use std::time::{Duration, Instant, SystemTime};

use x11rb::connection::Connection as _;
use x11rb::protocol::damage::{ConnectionExt as _, ReportLevel};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};
use x11rb::rust_connection::RustConnection;

/// A place in a window, in its pixels.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// From the left.
    pub x: i16,
    /// From above.
    pub y: i16,
    /// To the right.
    pub width: u16,
    /// Downwards.
    pub height: u16,
}

/// A place of a window on the screen, under observation.
#[derive(Debug)]
pub struct Screen {
    server: RustConnection,
    window: u32,
    place: Place,
    shown: Vec<u8>,
}

impl Screen {
    /// Observes a place of the window with this number.
    pub fn watch(window: u32, place: Place) -> Self {
        let (server, _) = x11rb::connect(None).expect("the display answers");
        server.damage_query_version(1, 1).expect("a request").reply().expect("the display tells of drawing");
        let damage = server.generate_id().expect("a number");
        server.damage_create(damage, window, ReportLevel::RAW_RECTANGLES).expect("a request");
        let mut screen = Self { server, window, place, shown: Vec::new() };
        screen.shown = screen.pixels();
        screen
    }

    /// Takes what the place shows for known, as soon as nothing has been drawn there for a moment.
    pub fn settle(&mut self, calm: Duration) {
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
    pub fn change(&mut self, patience: Duration) -> SystemTime {
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

/// All that a window shows, as a PNG file.
#[must_use]
pub fn picture(window: u32) -> Vec<u8> {
    let (server, _) = x11rb::connect(None).expect("the display answers");
    let size = server.get_geometry(window).expect("a request").reply().expect("the window is there");
    let image = server.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, size.width, size.height, u32::MAX);
    let image = image.expect("a request").reply().expect("the window is on the screen").data;
    // The display of these tests has four bytes for a pixel: blue, green, red, and one that is not used.
    let pixels: Vec<u8> = image.chunks_exact(4).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.width.into(), size.height.into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).expect("a picture");
    file
}
