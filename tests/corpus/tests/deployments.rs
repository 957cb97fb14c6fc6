//! Every template, plan, state and configuration of the corpus is read and audited as files of a
//! user are. What comes out is kept as a snapshot, so that a change of the readers or the controls
//! shows what it changes for what is yet to be deployed.

use palisade_corpus_tests::outcomes::outcomes;
use palisade_corpus_tests::{corpus, files_ending};

#[test]
fn arm_templates() {
    insta::assert_snapshot!("arm_templates", overview("arm-templates", &["json"]));
}

#[test]
fn terraform_plans() {
    let endings = ["json", "tf", "tfvars"];
    insta::assert_snapshot!("terraform_plans", overview("terraform-plan", &endings));
}

#[test]
fn terraform_states() {
    let endings = ["json", "tfstate"];
    insta::assert_snapshot!("terraform_states", overview("terraform-state", &endings));
}

#[test]
fn terraform_configurations() {
    let endings = ["tf", "tfvars"];
    insta::assert_snapshot!(
        "terraform_configurations",
        overview("terraform-hcl", &endings)
    );
}

fn overview(part: &str, endings: &[&str]) -> String {
    let root = corpus("estates").join(part);
    outcomes(&root, |folder| files_ending(folder, "", endings))
}
