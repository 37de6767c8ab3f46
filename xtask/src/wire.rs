//! `cargo xtask wire`: builds the `wire` program of the `envoi-tests` package with the bench profile, and runs it. What is tried,
//! and how it is judged, is all in `tests/src/wire/`.

use crate::{
    WireArgs,
    job::Job,
    stop::Stop,
    system::{self, Purpose},
    tree,
};

/// Builds the program, then lets it count.
pub(crate) fn run(args: &WireArgs) -> Result<(), Stop> {
    system::ensure(&[Purpose::Run], args.install.consent())?;
    Job::cargo("build --profile bench --package envoi-tests --bin wire").run()?;
    let numbers =
        ["--messages".to_owned(), args.messages.to_string(), "--seed".to_owned(), args.seed.to_string()];
    Job::new(tree::program("release", "wire")).args(numbers).args(&args.rest).run()
}
