use std::process::Command;

use super::*;

fn parsed(text: &str) -> Result<Template, RecipeFault> {
    Template::parse(1, text)
}

/// What a shell makes of a step: its words, one a line between brackets.
fn words(text: &str, value: &str) -> String {
    let filled = parsed(text).expect(text).fill(|_| Some(value)).expect("every value is there");
    let output = Command::new("sh").args(["-c", &filled]).output().expect("a shell");
    String::from_utf8(output.stdout).expect("UTF-8")
}

const HOSTILE: [&str; 14] = [
    "; rm -rf /",
    "$(echo pwned)",
    "`echo pwned`",
    "a'b",
    "'; echo pwned; '",
    "\"",
    "a\nb\n# c",
    "${HOME}",
    "\\",
    "-n",
    "*",
    "é\u{202e}ü 漢字",
    "a=b",
    "",
];

#[test]
fn a_value_is_one_word_whatever_is_in_it() {
    for value in HOSTILE {
        assert_eq!(words("printf '<%s>' {x} end", value), format!("<{value}><end>"), "{value:?}");
        assert_eq!(words("printf '<%s>' --name={x}", value), format!("<--name={value}>"), "{value:?}");
        assert_eq!(words("printf '<%s>' {x}{x}", value), format!("<{value}{value}>"), "{value:?}");
        assert_eq!(words("printf '<%s>' $(printf %s {x} | tr -d ' \\n' | wc -l)", value), "<0>", "{value:?}");
    }
}

#[test]
fn where_no_word_can_stand_a_placeholder_is_refused() {
    for (text, inside) in [
        ("echo '{x}'", "'…'"),
        ("echo \"{x}\"", "\"…\""),
        ("echo \"a $(b {x})\"", "\"$(…)\""),
        ("echo \"$(b \"{x}\")\"", "\"$(…)\""),
        ("echo a # {x}", "#"),
        ("echo \\{x}", "\\"),
        ("echo `ls {x}`", "`…`"),
        ("echo $(( {x} + 1 ))", "((…))"),
        ("cat <<EOF\n{x}\nEOF", "<<"),
        ("echo $'a' {x}", "$'…'"),
        ("echo ${y:-{x}}", "${…}"),
        ("echo \"${y:-'}\" {x} \"'\"", "\"${…}\""),
    ] {
        let misplaced = RecipeFault::Misplaced { number: 1, name: "x".to_owned(), inside };
        assert_eq!(parsed(text), Err(misplaced), "{text}");
    }
}

#[test]
fn what_is_not_a_placeholder_stays_as_it_is() {
    for text in
        ["awk '{ print $1 }'", "echo ${x} ${x#y}", "find . -exec ls {} +", "docker inspect --format '{{.Name}}' {{x}}", "a{1,2}", "{ ls; }"]
    {
        let template = parsed(text).expect(text);
        assert_eq!((template.names().count(), template.fill(|_| None)), (0, Some(text.to_owned())), "{text}");
    }
    assert_eq!(parsed("a '#' b#c {x} # 'd\n{y}").expect("a template").names().collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(parsed("a {x}").expect("a template").fill(|_| None), None);
}

fn text(name: &str) -> Parameter {
    let kind = ParameterKind::Text { pattern: None, least: None, most: None };
    Parameter { name: name.to_owned(), kind, description: String::new(), default: None }
}

fn recipe(parameters: Vec<Parameter>, command: &str) -> Recipe {
    let steps = vec![RecipeStep { title: String::new(), command: parsed(command).expect(command) }];
    Recipe {
        name: "tidy-up".to_owned(),
        description: String::new(),
        parameters,
        steps,
        sudo: false,
        timeout_s: None,
        parallel: None,
        canary: None,
    }
}

#[test]
fn parameters_and_placeholders_belong_together() {
    assert_eq!(recipe(vec![text("x")], "echo {x}").check(), Ok(()));
    assert_eq!(recipe(vec![], "echo {x}").check(), Err(RecipeFault::Unknown { number: 1, name: "x".to_owned() }));
    assert_eq!(recipe(vec![text("x"), text("y")], "echo {x}").check(), Err(RecipeFault::Unused { name: "y".to_owned() }));
    assert!(matches!(recipe(vec![text("x"), text("x")], "echo {x}").check(), Err(RecipeFault::Parameter { .. })));
    let mut wrong = text("x");
    wrong.kind = ParameterKind::Integer { least: Some(1), most: Some(9) };
    wrong.default = Some("10".to_owned());
    assert!(matches!(recipe(vec![wrong], "echo {x}").check(), Err(RecipeFault::Parameter { .. })));
    let named = Recipe { name: "Tidy Up".to_owned(), ..recipe(vec![], "true") };
    assert!(matches!(named.check(), Err(RecipeFault::Limit { .. })));
    assert!(matches!(parsed(" \n"), Err(RecipeFault::Limit { .. })));
    assert!(matches!(parsed("a\u{0}b"), Err(RecipeFault::Limit { .. })));
}

#[test]
fn a_parameter_takes_what_its_kind_says() {
    let with = |kind| Parameter { kind, ..text("x") };
    let choice = with(ParameterKind::Choice(vec!["red".to_owned(), "blue".to_owned()]));
    let integer = with(ParameterKind::Integer { least: Some(-1), most: Some(10) });
    let short = with(ParameterKind::Text { pattern: None, least: Some(1), most: Some(3) });
    for (parameter, value, taken) in [
        (&choice, "red", true),
        (&choice, "green", false),
        (&integer, "10", true),
        (&integer, "-1", true),
        (&integer, "11", false),
        (&integer, "+1", false),
        (&integer, "1; ls", false),
        (&short, "éàü", true),
        (&short, "", false),
        (&short, "abcd", false),
        (&short, "a\u{1b}", false),
        (&with(ParameterKind::Boolean), "true", true),
        (&with(ParameterKind::Boolean), "yes", false),
        (&with(ParameterKind::Host), "web-1", true),
        (&with(ParameterKind::Host), "-oProxyCommand", false),
    ] {
        assert_eq!(parameter.takes(value).is_ok(), taken, "{:?} {value:?}", parameter.kind);
    }
}
