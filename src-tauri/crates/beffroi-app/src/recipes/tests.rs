use super::*;

const RECIPE: &str = r#"
name = "restart"
description = "Restarts a service and says how it is"
timeout = 30
canary = 1

[[parameters]]
name = "service"
type = "text"
pattern = "[a-z][a-z0-9@.-]*"

[[parameters]]
name = "tries"
type = "integer"
min = 1
max = 5
default = 2

[[parameters]]
name = "mode"
type = "choice"
choices = ["soft", "hard"]
default = "soft"

[[steps]]
title = "Restart it"
command = "restart --tries={tries} --mode {mode} -- {service}"

[[steps]]
command = "status {service} || echo 'it is down'"
"#;

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_file_is_read_with_its_types_and_defaults() {
    let recipe = read(RECIPE).expect("a recipe");
    assert_eq!((recipe.name.as_str(), recipe.timeout_s, recipe.canary, recipe.sudo), ("restart", Some(30), Some(1), false));
    let filled = values(&recipe, &given(&[("service", "nginx")])).expect("values");
    assert_eq!(filled, given(&[("service", "nginx"), ("tries", "2"), ("mode", "soft")]));
    let command = recipe.steps[0].command.fill(|name| filled.get(name).map(String::as_str));
    assert_eq!(command.as_deref(), Some("restart --tries='2' --mode 'soft' -- 'nginx'"));
}

#[test]
fn a_value_that_is_not_taken_is_said_with_what_is() {
    let recipe = read(RECIPE).expect("a recipe");
    let refused = |pairs: &[(&str, &str)]| values(&recipe, &given(pairs)).expect_err("refused");
    assert!(matches!(refused(&[]), AppError::Recipe(RecipeError::ValueMissing { name, .. }) if name == "service"));
    assert!(
        matches!(refused(&[("servise", "x")]), AppError::Recipe(RecipeError::ValueUnknown { known, .. }) if known == "service, tries, mode")
    );
    for (name, value) in [
        ("service", "nginx; rm -rf /"),
        ("service", "nginx\nrm"),
        ("service", "nginx\n"),
        ("service", ""),
        ("service", "é"),
        ("tries", "6"),
        ("tries", "two"),
        ("tries", "2 "),
        ("mode", "'"),
    ] {
        let given = if name == "service" { vec![(name, value)] } else { vec![("service", "nginx"), (name, value)] };
        assert!(
            matches!(refused(&given), AppError::Recipe(RecipeError::ValueInvalid { name: refused, .. }) if refused == name),
            "{name} {value:?}"
        );
    }
}

#[test]
fn what_is_no_recipe_is_said_with_its_place() {
    assert!(matches!(read("name = 1\n"), Err(AppError::Recipe(RecipeError::Syntax { line: 1, .. }))));
    assert!(matches!(read("name = \"a\"\n\ncolour = \"red\"\nsteps = []\n"), Err(AppError::Recipe(RecipeError::Syntax { line: 3, .. }))));
    assert!(matches!(read(&"#".repeat(MOST_TEXT + 1)), Err(AppError::Recipe(RecipeError::Syntax { .. }))));
    let parameter =
        |lines: &str| read(&format!("name = \"a\"\n[[parameters]]\nname = \"x\"\n{lines}\n[[steps]]\ncommand = \"echo {{x}}\"\n"));
    parameter("type = \"text\"").expect("a recipe");
    assert!(matches!(parameter("type = \"secret\""), Err(AppError::Recipe(RecipeError::Secret { name })) if name == "x"));
    for wrong in [
        "type = \"float\"",
        "type = \"choice\"",
        "type = \"boolean\"\nmin = 1",
        "type = \"host\"\npattern = \"a\"",
        "type = \"text\"\npattern = \"(\"",
        "type = \"text\"\npattern = \"a+\"\ndefault = \"b\"",
        "type = \"text\"\nmin = -1",
        "type = \"text\"\nrequired = true\ndefault = \"b\"",
        "type = \"text\"\nrequired = false",
        "type = \"integer\"\ndefault = \"x\"",
        "type = \"host\"\ndefault = \"-x\"",
    ] {
        assert!(
            matches!(parameter(wrong), Err(AppError::Recipe(RecipeError::Fault(beffroi_domain::RecipeFault::Parameter { .. })))),
            "{wrong}"
        );
    }
    let misplaced = read("name = \"a\"\n[[parameters]]\nname = \"x\"\ntype = \"text\"\n[[steps]]\ncommand = \"echo '{x}'\"\n");
    assert!(matches!(misplaced, Err(AppError::Recipe(RecipeError::Fault(beffroi_domain::RecipeFault::Misplaced { number: 1, .. })))));
}
