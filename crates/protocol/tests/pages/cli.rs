//! `docs/manual/cli.md` names every command that there is, of a person in the terminal and of a program.

use crate::read;

#[test]
fn every_command_of_the_terminal_is_in_the_manual() {
    let (manual, code) = (read("docs/manual/cli.md"), read("crates/cli/src/chat/plain.rs"));
    let (_, obeyed) = code.split_once("async fn obey").unwrap();
    let (obeyed, _) = obeyed.split_once("\n}\n").unwrap();
    let (_, help) = code.split_once("const HELP").unwrap();
    let (help, _) = help.split_once("\";\n").unwrap();
    let commands = obeyed.split("(\"/").skip(1).filter_map(|rest| rest.split('"').next());
    let is_word = |command: &&str| command.chars().next().is_some_and(char::is_alphabetic);
    let commands: Vec<&str> = commands.filter(is_word).collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        let row = |end: &str| manual.contains(&format!("| `/{command}{end}"));
        assert!(row("`") || row(" "), "docs/manual/cli.md has no /{command}");
        assert!(command == "help" || help.contains(&format!("*   /{command} ")), "/help has no /{command}");
    }
}

#[test]
fn every_command_of_a_program_is_in_the_manual() {
    let (manual, view) = (read("docs/manual/cli.md"), read("ui/src/host/view.ts"));
    let (_, commands) = view.split_once("export type Command = ").unwrap();
    let (commands, _) = commands.split_once(";\n").unwrap();
    let names = commands.split("\"do\": \"").skip(1).filter_map(|rest| rest.split('"').next());
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let line = format!("{{\"do\":\"{name}\"");
        assert!(manual.contains(&line), "docs/manual/cli.md has no {line}");
    }
}
