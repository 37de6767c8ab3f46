//! A scenario: rules that say what the contact centre does when a chat starts and when the customer writes.
//!
//! The file format is described in `docs/SANDBOX.md`. Every mistake is named with its line.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::model::picture;

const BUILT_IN: &str = include_str!("tidewater.toml");

/// A scenario, ready to be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Name of the pretend company.
    pub name: String,
    /// The rules, in order: the first that fits is played.
    pub rules: Vec<Rule>,
}

/// What is done when.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// When.
    pub on: On,
    /// The message must hold one of these words or phrases. Empty: no such condition.
    pub words: Vec<String>,
    /// Or be one of these.
    pub exactly: Vec<String>,
    /// Played once per chat only.
    pub once: bool,
    /// What is done.
    pub steps: Vec<Step>,
}

/// When a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// The chat starts.
    Start,
    /// The customer writes.
    Message,
    /// The customer sends a picture.
    Picture,
    /// The customer writes and nobody of the contact centre is there. Comes before the rule for the message itself.
    Return,
}

/// One step of a rule. Times are milliseconds at speed 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing happens.
    Wait(u64),
    /// Somebody joins: name and kind.
    Join(String, String),
    /// Somebody types for so long.
    Type(u64, Option<String>),
    /// Somebody writes.
    Say(String, Option<String>),
    /// Somebody sends a picture: base64 (`None` for the built-in one) and file name.
    Image(Option<String>, String, Option<String>),
    /// The interaction changes its state.
    State(String),
    /// Somebody leaves.
    Leave(String),
    /// The chat ends.
    End,
}

/// What is wrong with a script, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {text}")]
pub struct ScriptError {
    /// Line number, counted from 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    name: String,
    rule: Vec<Spanned<RuleFields>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFields {
    on: On,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    exactly: Vec<String>,
    #[serde(default)]
    once: bool,
    steps: Vec<Spanned<StepFields>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFields {
    wait: Option<u64>,
    join: Option<String>,
    #[serde(rename = "type")]
    typing: Option<u64>,
    say: Option<String>,
    image: Option<String>,
    state: Option<String>,
    leave: Option<String>,
    end: Option<bool>,
    #[serde(rename = "as")]
    kind: Option<String>,
    by: Option<String>,
}

impl Scenario {
    /// Reads a scenario. Picture files are looked for in `folder`.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ScriptError> {
        let file: File = toml::from_str(text).map_err(|error| ScriptError {
            line: line(text, error.span().unwrap_or(0..0)),
            text: error.message().to_owned(),
        })?;
        let mut rules = Vec::new();
        for fields in file.rule {
            let at = fields.span();
            rules.push(rule(fields.into_inner(), text, &at, folder)?);
        }
        if rules.is_empty() {
            return Err(ScriptError { line: 1, text: "the script has no [[rule]]".to_owned() });
        }
        Ok(Self { name: file.name, rules })
    }

    /// The story that the demo tells.
    pub(crate) fn built_in() -> Result<Self, ScriptError> {
        Self::parse(BUILT_IN, Path::new(""))
    }

    /// The first rule for `on` that fits `message` and has not been used up, by its number.
    #[must_use]
    pub fn choose(&self, on: On, message: &str, used: &HashSet<usize>) -> Option<(usize, &Rule)> {
        let fits = |(number, rule): &(usize, &Rule)| {
            rule.on == on && !(rule.once && used.contains(number)) && rule.fits(message)
        };
        self.rules.iter().enumerate().find(fits)
    }
}

impl Rule {
    fn fits(&self, message: &str) -> bool {
        let message = plain(message);
        let holds = |words: &String| message.contains(&plain(words));
        let is = |words: &String| message == plain(words);
        (self.words.is_empty() && self.exactly.is_empty())
            || self.words.iter().any(holds)
            || self.exactly.iter().any(is)
    }
}

/// A text as its words alone, in lower case, each with a space before and after.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace(['\'', '\u{2019}'], "");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(" ".to_owned(), |all, word| all + word + " ")
}

fn rule(fields: RuleFields, text: &str, at: &Range<usize>, folder: &Path) -> Result<Rule, ScriptError> {
    let wrong = |problem: &str| ScriptError { line: line(text, at.clone()), text: problem.to_owned() };
    if fields.steps.is_empty() {
        return Err(wrong("this rule has no steps"));
    }
    if fields.on != On::Message && !(fields.words.is_empty() && fields.exactly.is_empty()) {
        return Err(wrong("only a rule with on = \"message\" can have words"));
    }
    if fields.words.iter().chain(&fields.exactly).any(|words| plain(words).trim().is_empty()) {
        return Err(wrong("words must hold letters or digits"));
    }
    let mut steps = Vec::new();
    for fields in fields.steps {
        let at = line(text, fields.span());
        let step = step(fields.into_inner(), folder).map_err(|text| ScriptError { line: at, text })?;
        steps.push(step);
    }
    Ok(Rule { on: fields.on, words: fields.words, exactly: fields.exactly, once: fields.once, steps })
}

fn step(fields: StepFields, folder: &Path) -> Result<Step, String> {
    let StepFields { wait, join, typing, say, image, state, leave, end, kind, by } = fields;
    if kind.is_some() && join.is_none() {
        return Err("`as` goes with join only".to_owned());
    }
    if by.is_some() && typing.is_none() && say.is_none() && image.is_none() {
        return Err("`by` goes with type, say and image only".to_owned());
    }
    let image = image.map(|name| picture_file(&name, folder)).transpose()?;
    let mut steps: Vec<Step> = Vec::new();
    steps.extend(wait.map(Step::Wait));
    steps.extend(join.map(|name| Step::Join(name, kind.unwrap_or_else(|| "Agent".to_owned()))));
    steps.extend(typing.map(|ms| Step::Type(ms, by.clone())));
    steps.extend(say.map(|text| Step::Say(text, by.clone())));
    steps.extend(image.map(|(base64, name)| Step::Image(base64, name, by)));
    steps.extend(state.map(Step::State));
    steps.extend(leave.map(Step::Leave));
    match end {
        Some(true) => steps.push(Step::End),
        Some(false) => return Err("end can only be true".to_owned()),
        None => {}
    }
    match (steps.pop(), steps.is_empty()) {
        (Some(step), true) => Ok(step),
        _ => Err("a step does exactly one of wait, join, type, say, image, state, leave, end".to_owned()),
    }
}

/// A picture as base64 and its name; `meter` is the built-in one.
fn picture_file(name: &str, folder: &Path) -> Result<(Option<String>, String), String> {
    if name == "meter" {
        return Ok((None, "meter.png".to_owned()));
    }
    let path = folder.join(name);
    let bytes = std::fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if picture::mime(&bytes).is_none() {
        return Err(format!("{} is no PNG, JPEG or GIF file", path.display()));
    }
    Ok((Some(STANDARD.encode(bytes)), picture::file_name(name)))
}

fn line(text: &str, at: Range<usize>) -> usize {
    text.bytes().take(at.start).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Scenario, ScriptError> {
        Scenario::parse(text, Path::new(""))
    }

    #[test]
    fn the_built_in_story_can_be_played() {
        let story = Scenario::built_in().unwrap();
        assert_eq!(story.name, "Tidewater Energy");
        for on in [On::Start, On::Message, On::Picture, On::Return] {
            assert!(story.choose(on, "anything at all", &HashSet::new()).is_some(), "nothing for {on:?}");
        }
    }

    #[test]
    fn words_are_whole_words_in_any_case_and_apostrophes_do_not_matter() {
        let text =
            "[[rule]]\non = \"message\"\nwords = [\"that's all\", \"bye\"]\nsteps = [{ end = true }]\n";
        let story = parse(text).unwrap();
        let fits = |message| story.choose(On::Message, message, &HashSet::new()).is_some();
        assert!(fits("That\u{2019}s all, thank you."));
        assert!(fits("thats ALL"));
        assert!(fits("ok... bye!"));
        assert!(!fits("goodbyes"));
    }

    #[test]
    fn a_rule_for_once_gives_way_to_the_next() {
        let text = r#"
            [[rule]]
            on = "message"
            once = true
            steps = [{ say = "first" }]
            [[rule]]
            on = "message"
            steps = [{ say = "later" }]
        "#;
        let story = parse(text).unwrap();
        assert_eq!(story.choose(On::Message, "x", &HashSet::new()).map(|(number, _)| number), Some(0));
        assert_eq!(story.choose(On::Message, "x", &HashSet::from([0])).map(|(number, _)| number), Some(1));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let head = "name = \"X\"\n\n[[rule]]\non = \"start\"\n";
        let cases = [
            (
                format!("{head}steps = [\n  {{ wait = 1 }},\n  {{ say = \"a\", wait = 2 }},\n]\n"),
                7,
                "exactly one of",
            ),
            (format!("{head}steps = [\n  {{ shout = \"a\" }},\n]\n"), 6, "shout"),
            (format!("{head}steps = []\n"), 3, "no steps"),
            (format!("{head}words = [\"a\"]\nsteps = [{{ wait = 1 }}]\n"), 3, "can have words"),
            ("[[rule]]\non = \"sometimes\"\nsteps = []\n".to_owned(), 2, "sometimes"),
            (format!("{head}steps = [\n  {{ image = \"nowhere.png\" }},\n]\n"), 6, "nowhere.png"),
            ("name = \"X\n".to_owned(), 1, "string"),
            ("rule = []\n".to_owned(), 1, "no [[rule]]"),
        ];
        for (text, line, words) in cases {
            let error = parse(&text).unwrap_err();
            assert_eq!(error.line, line, "{error} in:\n{text}");
            assert!(error.text.contains(words), "{error} in:\n{text}");
        }
    }
}
