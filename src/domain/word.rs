//! Enums of words: what scripts read and files hold, each word said once.

/// An enum whose variants are words, with `as_str`, `parse` and `WORDS`, for JSON and its schema as well.
///
/// The word stands at the variant, so that renaming a variant breaks no script. The comments become descriptions.
macro_rules! words {
    ($(#[$about:meta])* $vis:vis enum $name:ident {
        $($(#[$meaning:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
        $vis enum $name {
            $($(#[$meaning])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All the words.
            $vis const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word for files and scripts.
            $vis fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// Reads one of the [words](Self::WORDS).
            $vis fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;
