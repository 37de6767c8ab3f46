//! The page that stands in the browser once a person has signed in: two short sentences in their language, no script, nothing that
//! is fetched.

/// The page's content policy: a little style, and nothing else.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// The words of the page, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Language of the words, for instance `de`.
    pub language: String,
    /// Whether it is written from right to left.
    pub right_to_left: bool,
    /// The person has signed in.
    pub done: String,
    /// The sign-in page said no.
    pub declined: String,
    /// Something else came: an old page was opened again, for instance.
    pub stray: String,
    /// Where to go on.
    pub close: String,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            language: String::from("en"),
            right_to_left: false,
            done: String::from("You are signed in."),
            declined: String::from("You are not signed in."),
            stray: String::from("Nothing is waiting for this page."),
            close: String::from("You can close this window and go back to your chat."),
        }
    }
}

impl Page {
    pub(super) fn done(&self) -> String {
        self.saying(&self.done)
    }

    pub(super) fn declined(&self) -> String {
        self.saying(&self.declined)
    }

    pub(super) fn stray(&self) -> String {
        self.saying(&self.stray)
    }

    fn saying(&self, words: &str) -> String {
        let (language, words, close) = (escaped(&self.language), escaped(words), escaped(&self.close));
        let direction = if self.right_to_left { "rtl" } else { "ltr" };
        format!(
            "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{words}</title>\n\
             <style>:root{{color-scheme:light dark;font:1.1rem/1.5 system-ui,sans-serif}}\
             main{{max-width:30rem;margin:20vh auto;padding:0 1.5rem}}h1{{font-size:1.6rem}}</style>\n</head>\n\
             <body><main><h1>{words}</h1><p>{close}</p></main></body>\n</html>\n"
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_its_words_as_text_and_fetches_nothing() {
        let page =
            Page { done: String::from("a < b & \"c\""), right_to_left: true, ..Page::default() }.done();
        assert!(page.contains("a &lt; b &amp; &quot;c&quot;"));
        assert!(page.contains("dir=\"rtl\""));
        for fetched in ["<script", "src=", "href=", "url("] {
            assert!(!page.contains(fetched), "{fetched}");
        }
    }
}
