// Enumerations as columns: their enumerators, stored by name.
//
//   enum class Color { kRed, kBlue };
//   template <>
//   inline constexpr auto cupel::kEnumerators<Color> =
//       cupel::Enumerators<Color::kRed, Color::kBlue>();
//
// A name that the database has but the program does not know is kDataLoss when
// read; a number that is no enumerator is kInvalidArgument when bound.

#ifndef CUPEL_ENGINE_ENUMERATORS_H_
#define CUPEL_ENGINE_ENUMERATORS_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/type.h"
#include "cupel/engine/type_traits.h"
#include "cupel/engine/value.h"

namespace cupel {

// The enumerators of an enumeration: specialise with Enumerators<...>().
template <typename Enum>
inline constexpr auto kEnumerators = nullptr;

namespace engine_internal {

// "kRed" for Color::kRed, from how the compiler spells it.
template <auto kEnumerator>
constexpr absl::string_view EnumeratorName() {
  constexpr absl::string_view kKey = "kEnumerator = ";
  absl::string_view name = __PRETTY_FUNCTION__;
  name.remove_prefix(name.find(kKey) + kKey.size());
  name = name.substr(0, name.find_first_of(";]"));
  return name.substr(name.rfind(':') + 1);
}

template <auto kEnumerator>
constexpr bool IsEnumerator() {
  // Compilers spell a value that has no name as a cast: (Color)5.
  absl::string_view name = EnumeratorName<kEnumerator>();
  return !name.empty() && name[0] != '(' && name[0] != '-' &&
         !(name[0] >= '0' && name[0] <= '9');
}

template <size_t kSize>
struct EnumeratorList {
  std::array<absl::string_view, kSize> names;
  std::array<int64_t, kSize> values;
};

template <typename Enum>
inline constexpr bool kHasEnumerators =
    !std::same_as<std::remove_cvref_t<decltype(kEnumerators<Enum>)>,
                  std::nullptr_t>;

absl::Status BindEnum(const engine::EnumDescriptor& enumerators, int64_t value,
                      BoundValue* out);
absl::Status ReadEnum(const engine::EnumDescriptor& enumerators,
                      const ValueView& cell, int64_t* value);

}  // namespace engine_internal

// All enumerators, in the order in which the database sorts and lists them.
// They are stored by name, as spelt in C++.
template <auto... kValues>
constexpr auto Enumerators() {
  static_assert((engine_internal::IsEnumerator<kValues>() && ...),
                "cupel: Enumerators<...> takes enumerators that have a name");
  return engine_internal::EnumeratorList<sizeof...(kValues)>{
      {engine_internal::EnumeratorName<kValues>()...},
      {static_cast<int64_t>(kValues)...}};
}

// The same, stored under the names given.
template <auto... kValues, typename... Names>
constexpr auto Enumerators(Names... names) requires(sizeof...(Names) > 0 &&
                                                    sizeof...(Names) ==
                                                        sizeof...(kValues)) {
  return engine_internal::EnumeratorList<sizeof...(kValues)>{
      {absl::string_view(names)...}, {static_cast<int64_t>(kValues)...}};
}

// The enumerators of `Enum`, for EnumType(&kEnumDescriptor<Color>).
template <typename Enum>
inline constexpr engine::EnumDescriptor kEnumDescriptor = {
    absl::MakeConstSpan(kEnumerators<Enum>.names.data(),
                        kEnumerators<Enum>.names.size()),
    absl::MakeConstSpan(kEnumerators<Enum>.values.data(),
                        kEnumerators<Enum>.values.size())};

template <typename Enum>
requires std::is_enum_v<Enum>
struct TypeTraits<Enum> {
  static_assert(engine_internal::kHasEnumerators<Enum>,
                "cupel: list the enumerators of this enumeration: template <> "
                "inline constexpr auto cupel::kEnumerators<E> = "
                "cupel::Enumerators<E::kOne, E::kTwo>();");

  static constexpr engine::Type SqlType() {
    return engine::EnumType(&kEnumDescriptor<Enum>);
  }
  static absl::Status Bind(Enum value, engine::BoundValue* out) {
    return engine_internal::BindEnum(kEnumDescriptor<Enum>,
                                     static_cast<int64_t>(value), out);
  }
  static absl::Status Read(const engine::ValueView& cell, Enum* out) {
    int64_t value = 0;
    absl::Status status =
        engine_internal::ReadEnum(kEnumDescriptor<Enum>, cell, &value);
    if (status.ok()) *out = static_cast<Enum>(value);
    return status;
  }
};

// The base of traits of an enumeration that is stored as its number:
//   template <> struct cupel::TypeTraits<Color> : cupel::EnumByValue<Color> {};
// Any number of the underlying type is accepted.
template <typename Enum>
struct EnumByValue : ConvertedType<Enum, std::underlying_type_t<Enum>> {
  static std::underlying_type_t<Enum> To(Enum value) {
    return static_cast<std::underlying_type_t<Enum>>(value);
  }
  static Enum From(std::underlying_type_t<Enum> value) {
    return static_cast<Enum>(value);
  }
};

}  // namespace cupel

#endif  // CUPEL_ENGINE_ENUMERATORS_H_
