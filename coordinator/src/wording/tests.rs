//! The catalogues: nothing is missing in either, and a person can read all of them beside each other.

mod examples;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::RenderedMessage;
use super::catalogue::Catalogue;
use super::{Language, arguments, catalogue, messages};
use crate::views::ToldView;
use examples::{Example, examples, words};

/// The messages of a catalogue, with the arguments that each reads.
fn read(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let resource =
        parser::parse(catalogue::source(language)).unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
    let messages = resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name.to_owned(), message.value?)),
        _ => None,
    });
    messages.map(|(name, pattern)| (name, of_pattern(&pattern))).collect()
}

fn of_pattern(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let expressions = pattern.elements.iter().filter_map(|element| match element {
        PatternElement::Placeable { expression } => Some(expression),
        PatternElement::TextElement { .. } => None,
    });
    expressions.flat_map(of_expression).collect()
}

fn of_expression(expression: &Expression<&str>) -> BTreeSet<String> {
    match expression {
        Expression::Inline(inline) => of_inline(inline),
        Expression::Select { selector, variants } => {
            variants.iter().flat_map(|variant| of_pattern(&variant.value)).chain(of_inline(selector)).collect()
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>) -> BTreeSet<String> {
    match inline {
        InlineExpression::VariableReference { id } => [id.name.to_owned()].into(),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().flat_map(of_inline).collect()
        }
        InlineExpression::Placeable { expression } => of_expression(expression),
        _ => BTreeSet::new(),
    }
}

fn said(language: Language, Example { kind, fields }: &Example) -> String {
    catalogue::of(language).say(kind, fields).unwrap_or_else(|unsaid| panic!("{language}: {unsaid}"))
}

#[test]
fn the_catalogues_can_be_read() {
    for language in Language::ALL {
        assert_eq!(Catalogue::read(language).1, Vec::<String>::new(), "{language}");
    }
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_arguments() {
    assert_eq!(read(Language::English), read(Language::Spanish));
}

#[test]
fn every_code_has_its_message_and_every_message_its_code() {
    let coded = messages::ALL.iter().flat_map(|(kind, codes)| codes.iter().map(|code| arguments::id(kind, code)));
    let expected: BTreeSet<String> = coded.chain(words()).collect();
    for language in Language::ALL {
        assert_eq!(read(language).into_keys().collect::<BTreeSet<_>>(), expected, "{language}");
    }
}

#[test]
fn every_code_has_an_example_and_every_number_of_it_can_be_said() {
    let names = read(Language::English);
    let mut shown = BTreeSet::new();
    for example in examples() {
        let id = arguments::id(example.kind, example.fields["code"].as_str().unwrap());
        let fields: BTreeSet<String> = example.fields.keys().cloned().collect();
        assert!(names[&id].is_subset(&fields), "{id} reads {:?} of {fields:?}", names[&id]);
        for language in Language::ALL {
            assert!(!said(language, &example).is_empty(), "{language}: {id}");
        }
        shown.insert(id);
    }
    let coded = messages::ALL.iter().flat_map(|(kind, codes)| codes.iter().map(|code| arguments::id(kind, code)));
    assert_eq!(shown, coded.collect());
}

/// A view is an object with the sentence and the numbers: none of these may take the other's place.
#[test]
fn what_is_shown_of_it_is_an_object_that_can_be_read_again() {
    for example in examples() {
        let code = example.fields["code"].as_str().unwrap().to_owned();
        let (text, mut fields) = (said(Language::English, &example), example.fields);
        fields.remove("code");
        let view = ToldView::from(RenderedMessage { code, text, fields });
        let read: ToldView = serde_json::from_str(&serde_json::to_string(&view).unwrap()).unwrap();
        assert_eq!(read, view);
    }
}

#[test]
fn what_is_said_is_one_line_without_gaps() {
    for example in examples() {
        for language in Language::ALL {
            let text = said(language, &example);
            let odd = text.contains("  ")
                || text.contains('\n')
                || text.contains(" ,")
                || text.contains(" ;")
                || text.trim() != text;
            assert!(!odd, "{language}: {text:?}");
        }
    }
}

/// For people: a page of all that can be said, in both languages beside each other.
#[test]
fn the_page_of_reasons_shows_all_of_them() {
    let kinds: BTreeSet<&str> = messages::ALL.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(page::kinds(), kinds);
    let page = page::page();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reasons.md");
    if std::fs::read_to_string(path).ok().as_ref() != Some(&page) {
        std::fs::write(path, page).unwrap();
        panic!("docs/reasons.md was out of date and has been rewritten: look at it and commit it");
    }
}

#[test]
fn what_lacks_an_argument_is_not_said() {
    let fields = serde_json::json!({ "code": "crowd" });
    let unsaid = catalogue::of(Language::English).say("hold", fields.as_object().unwrap()).unwrap_err();
    assert!(unsaid.to_string().contains("models"), "{unsaid}");
    let fields = serde_json::json!({ "code": "no_such_thing" });
    let unsaid = catalogue::of(Language::English).say("hold", fields.as_object().unwrap()).unwrap_err();
    assert_eq!(unsaid.to_string(), "hold-no-such-thing: there is no such message");
}
