// The music store of the Chinook sample database as models: eleven tables,
// among them a self-referential tree (employees), a many-to-many link
// (playlists and tracks), and money in NUMERIC(10, 2).
//
// The tables exist already and have names of their own; Name() says which, so
// that members can be called what C++ would call them. A store spells its names
// in one of two ways (spelling.h); Chinook<Spelling> has the models for it.

#ifndef CUPEL_EXAMPLES_CHINOOK_MODELS_H_
#define CUPEL_EXAMPLES_CHINOOK_MODELS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cupel/examples/chinook/spelling.h"
#include "cupel/orm/orm.h"

namespace chinook {

// SQLite keeps money in a column without exact decimals; it is read and written
// by its digits. The other databases have a type for it.
constexpr cupel::engine::Type Money() {
  return cupel::Numeric(10, 2, cupel::engine::NumericStorage::kFloating);
}

template <Spelling kSpelling>
struct Chinook {
  template <FixedName kName>
  static constexpr const char* Spell() {
    return Spelled<kSpelling, kName>();
  }

  struct Album;
  struct Customer;
  struct Invoice;
  struct InvoiceLine;
  struct Playlist;
  struct Track;

  struct Artist {
    int64_t id = 0;
    std::optional<std::string> name;
    cupel::Collection<Album> albums;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Artist>(
          Spell<"Artist">(),
          Column<&Artist::id>(Name(Spell<"ArtistId">()), PrimaryKey()),
          Column<&Artist::name>(Name(Spell<"Name">()), String(120)));
    }
  };

  struct Album {
    int64_t id = 0;
    std::string title;
    int64_t artist_id = 0;
    cupel::Reference<Artist> artist;
    cupel::Collection<Track> tracks;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Album>(
          Spell<"Album">(),
          Column<&Album::id>(Name(Spell<"AlbumId">()), PrimaryKey()),
          Column<&Album::title>(Name(Spell<"Title">()), String(160)),
          Column<&Album::artist_id>(Name(Spell<"ArtistId">()),
                                    ForeignKey<&Artist::id>()),
          Relationship<&Album::artist>(Backref<&Artist::albums>()));
    }
  };

  struct Genre {
    int64_t id = 0;
    std::optional<std::string> name;
    cupel::Collection<Track> tracks;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Genre>(
          Spell<"Genre">(),
          Column<&Genre::id>(Name(Spell<"GenreId">()), PrimaryKey()),
          Column<&Genre::name>(Name(Spell<"Name">()), String(120)));
    }
  };

  struct MediaType {
    int64_t id = 0;
    std::optional<std::string> name;
    cupel::Collection<Track> tracks;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<MediaType>(
          Spell<"MediaType">(),
          Column<&MediaType::id>(Name(Spell<"MediaTypeId">()), PrimaryKey()),
          Column<&MediaType::name>(Name(Spell<"Name">()), String(120)));
    }
  };

  struct Track {
    int64_t id = 0;
    std::string name;
    std::optional<int64_t> album_id;
    int64_t media_type_id = 0;
    std::optional<int64_t> genre_id;
    std::optional<std::string> composer;
    int64_t milliseconds = 0;
    std::optional<int64_t> bytes;
    cupel::Decimal unit_price;
    cupel::Reference<Album> album;
    cupel::Reference<MediaType> media_type;
    cupel::Reference<Genre> genre;
    cupel::Collection<InvoiceLine> invoice_lines;
    cupel::Collection<Playlist> playlists;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Track>(
          Spell<"Track">(),
          Column<&Track::id>(Name(Spell<"TrackId">()), PrimaryKey()),
          Column<&Track::name>(Name(Spell<"Name">()), String(200)),
          Column<&Track::album_id>(Name(Spell<"AlbumId">()),
                                   ForeignKey<&Album::id>()),
          Column<&Track::media_type_id>(Name(Spell<"MediaTypeId">()),
                                        ForeignKey<&MediaType::id>()),
          Column<&Track::genre_id>(Name(Spell<"GenreId">()),
                                   ForeignKey<&Genre::id>()),
          Column<&Track::composer>(Name(Spell<"Composer">()), String(220)),
          Column<&Track::milliseconds>(Name(Spell<"Milliseconds">())),
          Column<&Track::bytes>(Name(Spell<"Bytes">())),
          Column<&Track::unit_price>(Name(Spell<"UnitPrice">()), Money()),
          Relationship<&Track::album>(Backref<&Album::tracks>()),
          Relationship<&Track::media_type>(Backref<&MediaType::tracks>()),
          Relationship<&Track::genre>(Backref<&Genre::tracks>()));
    }
  };

  struct PlaylistTrack {
    int64_t playlist_id = 0;
    int64_t track_id = 0;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<PlaylistTrack>(Spell<"PlaylistTrack">(),
                                  Column<&PlaylistTrack::playlist_id>(
                                      Name(Spell<"PlaylistId">()), PrimaryKey(),
                                      ForeignKey<&Playlist::id>()),
                                  Column<&PlaylistTrack::track_id>(
                                      Name(Spell<"TrackId">()), PrimaryKey(),
                                      ForeignKey<&Track::id>()));
    }
  };

  struct Playlist {
    int64_t id = 0;
    std::optional<std::string> name;
    cupel::Collection<Track> tracks;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Playlist>(
          Spell<"Playlist">(),
          Column<&Playlist::id>(Name(Spell<"PlaylistId">()), PrimaryKey()),
          Column<&Playlist::name>(Name(Spell<"Name">()), String(120)),
          Relationship<&Playlist::tracks>(Secondary<PlaylistTrack>(),
                                          Backref<&Track::playlists>()));
    }
  };

  // Where somebody is found: columns of two tables.
  struct Contact {
    std::optional<std::string> address;
    std::optional<std::string> city;
    std::optional<std::string> state;
    std::optional<std::string> country;
    std::optional<std::string> postal_code;
    std::optional<std::string> phone;
    std::optional<std::string> fax;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Mixin<Contact>(
          Column<&Contact::address>(Name(Spell<"Address">()), String(70)),
          Column<&Contact::city>(Name(Spell<"City">()), String(40)),
          Column<&Contact::state>(Name(Spell<"State">()), String(40)),
          Column<&Contact::country>(Name(Spell<"Country">()), String(40)),
          Column<&Contact::postal_code>(Name(Spell<"PostalCode">()),
                                        String(10)),
          Column<&Contact::phone>(Name(Spell<"Phone">()), String(24)),
          Column<&Contact::fax>(Name(Spell<"Fax">()), String(24)));
    }
  };

  struct Employee : Contact {
    int64_t id = 0;
    std::string last_name;
    std::string first_name;
    std::optional<std::string> title;
    std::optional<int64_t> reports_to;
    std::optional<absl::Time> birth_date;
    std::optional<absl::Time> hire_date;
    std::optional<std::string> email;
    cupel::Reference<Employee> manager;
    cupel::Collection<Employee> reports;
    cupel::Collection<Customer> customers;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Employee>(
          Spell<"Employee">(),
          Column<&Employee::id>(Name(Spell<"EmployeeId">()), PrimaryKey()),
          Column<&Employee::last_name>(Name(Spell<"LastName">()), String(20)),
          Column<&Employee::first_name>(Name(Spell<"FirstName">()), String(20)),
          Column<&Employee::title>(Name(Spell<"Title">()), String(30)),
          Column<&Employee::reports_to>(Name(Spell<"ReportsTo">()),
                                        ForeignKey<&Employee::id>()),
          Column<&Employee::birth_date>(Name(Spell<"BirthDate">())),
          Column<&Employee::hire_date>(Name(Spell<"HireDate">())),
          Include<Contact>(),
          Column<&Employee::email>(Name(Spell<"Email">()), String(60)),
          Relationship<&Employee::manager>(
              Backref<&Employee::reports>(OrderBy<&Employee::id>())));
    }
  };

  struct Customer : Contact {
    int64_t id = 0;
    std::string first_name;
    std::string last_name;
    std::optional<std::string> company;
    std::string email;
    std::optional<int64_t> support_rep_id;
    cupel::Reference<Employee> support_rep;
    cupel::Collection<Invoice> invoices;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Customer>(
          Spell<"Customer">(),
          Column<&Customer::id>(Name(Spell<"CustomerId">()), PrimaryKey()),
          Column<&Customer::first_name>(Name(Spell<"FirstName">()), String(40)),
          Column<&Customer::last_name>(Name(Spell<"LastName">()), String(20)),
          Column<&Customer::company>(Name(Spell<"Company">()), String(80)),
          Include<Contact>(),
          Column<&Customer::email>(Name(Spell<"Email">()), String(60)),
          Column<&Customer::support_rep_id>(Name(Spell<"SupportRepId">()),
                                            ForeignKey<&Employee::id>()),
          Relationship<&Customer::support_rep>(
              Backref<&Employee::customers>()));
    }
  };

  struct Invoice {
    int64_t id = 0;
    int64_t customer_id = 0;
    absl::Time date;
    std::optional<std::string> billing_address;
    std::optional<std::string> billing_city;
    std::optional<std::string> billing_state;
    std::optional<std::string> billing_country;
    std::optional<std::string> billing_postal_code;
    cupel::Decimal total;
    cupel::Reference<Customer> customer;
    cupel::Collection<InvoiceLine> lines;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<Invoice>(
          Spell<"Invoice">(),
          Column<&Invoice::id>(Name(Spell<"InvoiceId">()), PrimaryKey()),
          Column<&Invoice::customer_id>(Name(Spell<"CustomerId">()),
                                        ForeignKey<&Customer::id>()),
          Column<&Invoice::date>(Name(Spell<"InvoiceDate">())),
          Column<&Invoice::billing_address>(Name(Spell<"BillingAddress">()),
                                            String(70)),
          Column<&Invoice::billing_city>(Name(Spell<"BillingCity">()),
                                         String(40)),
          Column<&Invoice::billing_state>(Name(Spell<"BillingState">()),
                                          String(40)),
          Column<&Invoice::billing_country>(Name(Spell<"BillingCountry">()),
                                            String(40)),
          Column<&Invoice::billing_postal_code>(
              Name(Spell<"BillingPostalCode">()), String(10)),
          Column<&Invoice::total>(Name(Spell<"Total">()), Money()),
          Relationship<&Invoice::customer>(
              Backref<&Customer::invoices>(OrderBy<&Invoice::date>())));
    }
  };

  struct InvoiceLine {
    int64_t id = 0;
    int64_t invoice_id = 0;
    int64_t track_id = 0;
    cupel::Decimal unit_price;
    int64_t quantity = 0;
    cupel::Reference<Invoice> invoice;
    cupel::Reference<Track> track;

    static constexpr auto Mapping() {
      using namespace cupel;
      return Table<InvoiceLine>(
          Spell<"InvoiceLine">(),
          Column<&InvoiceLine::id>(Name(Spell<"InvoiceLineId">()),
                                   PrimaryKey()),
          Column<&InvoiceLine::invoice_id>(Name(Spell<"InvoiceId">()),
                                           ForeignKey<&Invoice::id>()),
          Column<&InvoiceLine::track_id>(Name(Spell<"TrackId">()),
                                         ForeignKey<&Track::id>()),
          Column<&InvoiceLine::unit_price>(Name(Spell<"UnitPrice">()), Money()),
          Column<&InvoiceLine::quantity>(Name(Spell<"Quantity">())),
          Relationship<&InvoiceLine::invoice>(Backref<&Invoice::lines>()),
          Relationship<&InvoiceLine::track>(Backref<&Track::invoice_lines>()));
    }
  };

  static auto AllModels() {
    return cupel::Models<Artist, Album, Genre, MediaType, Track, PlaylistTrack,
                         Playlist, Employee, Customer, Invoice, InvoiceLine>();
  }
};

}  // namespace chinook

#endif  // CUPEL_EXAMPLES_CHINOOK_MODELS_H_
