//! Prints the TypeScript twins of everything in `view.rs`. Run by `cargo xtask types`, which keeps
//! `ui/src/host/view.ts` and fails the tests when it is stale.

use envoi_protocol::view;
use ts_rs::{Config, TS};

fn main() {
    let config = Config::default();
    println!("// Generated from crates/protocol/src/view.rs by `cargo xtask types`. Do not edit.");
    macro_rules! declare {
        ($($type:ident),+ $(,)?) => {
            $(
                println!();
                if let Some(docs) = <view::$type as TS>::docs() {
                    print!("{docs}");
                }
                println!("export {}", <view::$type as TS>::decl(&config));
            )+
        };
    }
    declare!(
        Snapshot,
        Update,
        Change,
        Abilities,
        IdleView,
        SignInView,
        ItemsChange,
        Placed,
        Item,
        Content,
        Offer,
        Card,
        ChoiceGroup,
        Choice,
        ChoiceDoes,
        Questionnaire,
        Question,
        Takes,
        Banner,
        FileRules,
        FileKinds,
        Run,
        Person,
        Role,
        DeliveryView,
        PhaseView,
        EndReason,
        LinkView,
        HistoryView,
        Guard,
        Memory,
        DeploymentView,
        FormField,
        FormFieldKind,
        Command,
        Details,
        Attendance,
        AppView,
        ArchiveView,
        Keep,
        SearchView,
        SearchHit,
        SnippetRun,
        CopyFormat,
        Row,
        Snippet,
        ServiceView,
        SettingField,
        SettingKind,
        NewDeployment,
        FieldFault,
        ConfigFault,
        Settings,
        NotifyLevel,
        Theme,
        Fault,
        FaultClass,
        FaultCode,
    );
}
