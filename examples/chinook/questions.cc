#include "cupel/examples/chinook/questions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/examples/chinook/models.h"
#include "cupel/examples/chinook/spelling.h"
#include "cupel/orm/orm.h"

namespace chinook {
namespace {

using cupel::col;
using cupel::Decimal;
using cupel::entity;
using cupel::Ref;
using cupel::Session;

// One line of an answer: fields of text, numbers, money, and what may be
// absent.
std::string Field(const std::string& text) { return text; }
std::string Field(int64_t number) { return absl::StrCat(number); }
std::string Field(const Decimal& money) { return money.ToString(); }
template <typename T>
std::string Field(const std::optional<T>& value) {
  return value.has_value() ? Field(*value) : "";
}
template <typename First, typename... Rest>
std::string Line(const First& first, const Rest&... rest) {
  std::string line = Field(first);
  (absl::StrAppend(&line, " | ", Field(rest)), ...);
  return line;
}
template <typename Customer>
std::string FullName(const Customer& customer) {
  return absl::StrCat(customer.first_name, " ", customer.last_name);
}

// The questions to a store of one spelling.
template <Spelling kSpelling>
class Asked {
  using Store = Chinook<kSpelling>;
  using Album = typename Store::Album;
  using Artist = typename Store::Artist;
  using Customer = typename Store::Customer;
  using Employee = typename Store::Employee;
  using Genre = typename Store::Genre;
  using Invoice = typename Store::Invoice;
  using InvoiceLine = typename Store::InvoiceLine;
  using MediaType = typename Store::MediaType;
  using Playlist = typename Store::Playlist;
  using Track = typename Store::Track;

 public:
  // Grouping and sums: rows of columns instead of entities.
  static absl::StatusOr<Answer> RevenuePerCountry(Session& session) {
    const auto revenue = cupel::query::Sum(col<&Invoice::total>);
    CUPEL_ASSIGN_OR_RETURN(
        auto rows, session.Select(col<&Invoice::billing_country>, revenue)
                       .GroupBy(col<&Invoice::billing_country>)
                       .OrderBy(revenue.Desc(), col<&Invoice::billing_country>)
                       .Limit(10)
                       .All());
    Answer answer;
    for (const auto& [country, total] : rows) {
      answer.push_back(Line(country, total));
    }
    return answer;
  }

  // Entities whose collection comes with them, in two statements.
  static absl::StatusOr<Answer> TopCustomers(Session& session) {
    const auto spent = cupel::query::Sum(col<&Invoice::total>);
    CUPEL_ASSIGN_OR_RETURN(
        auto rows, session.Select(entity<Customer>, spent)
                       .template Join<&Customer::invoices>()
                       .GroupBy(col<&Customer::id>)
                       .OrderBy(spent.Desc(), col<&Customer::id>)
                       .Limit(5)
                       .Options(cupel::SelectInLoad<&Customer::invoices>())
                       .All());
    Answer answer;
    for (const auto& [customer, total] : rows) {
      Decimal sum = Decimal::FromInt64(0, 2);
      for (const Invoice& invoice : customer->invoices) {
        sum = sum + invoice.total;
      }
      answer.push_back(Line(FullName(*customer),
                            static_cast<int64_t>(customer->invoices.size()),
                            sum));
    }
    return answer;
  }

  // Many-to-many: the link table needs no mention.
  static absl::StatusOr<Answer> PlaylistsWithTracks(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(
        auto playlists, session.Query<Playlist>()
                            .OrderBy(col<&Playlist::id>)
                            .Options(cupel::SelectInLoad<&Playlist::tracks>())
                            .All());
    Answer answer;
    for (const Ref<Playlist>& playlist : playlists) {
      int64_t milliseconds = 0;
      for (const Track& track : playlist->tracks) {
        milliseconds += track.milliseconds;
      }
      answer.push_back(Line(playlist->name,
                            static_cast<int64_t>(playlist->tracks.size()),
                            milliseconds / 60000));
    }
    return answer;
  }

  static void AppendReports(const Employee& employee, int64_t depth,
                            Answer* answer) {
    answer->push_back(Line(depth, employee.first_name, employee.title));
    for (const Employee& report : employee.reports) {
      AppendReports(report, depth + 1, answer);
    }
  }

  // A tree in one table, followed through a collection of its own class.
  static absl::StatusOr<Answer> EmployeeTree(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(auto roots,
                           session.Query<Employee>()
                               .Filter(col<&Employee::manager> == nullptr)
                               .OrderBy(col<&Employee::id>)
                               .All());
    Answer answer;
    for (const Ref<Employee>& root : roots) AppendReports(*root, 0, &answer);
    return answer;
  }

  // "Has no": two EXISTS, one in the other.
  static absl::StatusOr<Answer> AlbumsNeverSold(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(
        auto albums,
        session.Query<Album>()
            .Filter(!col<&Album::tracks>.Any(col<&Track::invoice_lines>.Any()))
            .Options(cupel::JoinedLoad<&Album::artist>())
            .OrderBy(col<&Album::title>, col<&Album::id>)
            .Limit(10)
            .All());
    Answer answer;
    for (const Ref<Album>& album : albums) {
      answer.push_back(Line(album->title, album->artist->name));
    }
    return answer;
  }

  // A chain of joins along relationships.
  static absl::StatusOr<Answer> BestSellingArtists(Session& session) {
    const auto revenue = cupel::query::Sum(col<&InvoiceLine::unit_price> *
                                           col<&InvoiceLine::quantity>);
    CUPEL_ASSIGN_OR_RETURN(auto rows,
                           session.Select(col<&Artist::name>, revenue)
                               .From(entity<Artist>)
                               .template Join<&Artist::albums>()
                               .template Join<&Album::tracks>()
                               .template Join<&Track::invoice_lines>()
                               .GroupBy(col<&Artist::id>)
                               .OrderBy(revenue.Desc(), col<&Artist::name>)
                               .Limit(5)
                               .All());
    Answer answer;
    for (const auto& [artist, total] : rows) {
      answer.push_back(Line(artist, total));
    }
    return answer;
  }

  static absl::StatusOr<Answer> TracksPerGenre(Session& session) {
    const auto tracks = cupel::query::Count(col<&Track::id>);
    CUPEL_ASSIGN_OR_RETURN(auto rows,
                           session.Select(col<&Genre::name>, tracks)
                               .From(entity<Genre>)
                               .template OuterJoin<&Genre::tracks>()
                               .GroupBy(col<&Genre::id>)
                               .Having(tracks > 50)
                               .OrderBy(tracks.Desc(), col<&Genre::name>)
                               .All());
    Answer answer;
    for (const auto& [genre, count] : rows)
      answer.push_back(Line(genre, count));
    return answer;
  }

  // Two one-to-many links in a row, touched in a loop: loaded in chunks, so
  // that the statements do not grow with the customers.
  static absl::StatusOr<Answer> SalesPerSupportAgent(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(auto agents,
                           session.Query<Employee>()
                               .Filter(col<&Employee::customers>.Any())
                               .OrderBy(col<&Employee::id>)
                               .All());
    Answer answer;
    for (const Ref<Employee>& agent : agents) {
      Decimal sold = Decimal::FromInt64(0, 2);
      for (const Customer& customer : agent->customers) {
        for (const Invoice& invoice : customer.invoices) {
          sold = sold + invoice.total;
        }
      }
      answer.push_back(Line(agent->first_name,
                            static_cast<int64_t>(agent->customers.size()),
                            sold));
    }
    return answer;
  }

  // The other end of the many-to-many link.
  static absl::StatusOr<Answer> TracksInMostPlaylists(Session& session) {
    const auto lists = cupel::query::Count(col<&Playlist::id>);
    CUPEL_ASSIGN_OR_RETURN(auto rows,
                           session.Select(entity<Track>, lists)
                               .template Join<&Track::playlists>()
                               .GroupBy(col<&Track::id>)
                               .OrderBy(lists.Desc(), col<&Track::id>)
                               .Limit(5)
                               .All());
    Answer answer;
    for (const auto& [track, count] : rows) {
      answer.push_back(Line(track->name, count));
    }
    return answer;
  }

  static absl::StatusOr<Answer> ArtistsWithoutAlbum(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(
        const int64_t count,
        session.Query<Artist>().Filter(!col<&Artist::albums>.Any()).Count());
    return Answer{Line(count)};
  }

  static absl::StatusOr<Answer> SalesPerYear(Session& session) {
    const auto year =
        col<&Invoice::date>.Extract(cupel::query::DateField::kYear);
    const auto revenue = cupel::query::Sum(col<&Invoice::total>);
    CUPEL_ASSIGN_OR_RETURN(auto rows,
                           session.Select(year, cupel::query::Count(), revenue)
                               .GroupBy(year)
                               .OrderBy(year)
                               .All());
    Answer answer;
    for (const auto& [when, invoices, total] : rows) {
      answer.push_back(Line(when, invoices, total));
    }
    return answer;
  }

  // A page of a search, with its count.
  static absl::StatusOr<Answer> TracksAboutLove(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(auto page,
                           session.Query<Track>()
                               .Filter(col<&Track::name>.ILike("%love%"),
                                       col<&Track::composer> != std::nullopt)
                               .OrderBy(col<&Track::name>, col<&Track::id>)
                               .Paginate({.page = 2, .per_page = 10}));
    Answer answer = {
        Line(page.total().value_or(0), std::optional<std::string>())};
    for (const Ref<Track>& track : page) {
      answer.push_back(Line(track->name, track->composer));
    }
    return answer;
  }

  // A value from a subquery in a condition.
  static absl::StatusOr<Answer> InvoicesAboveTwiceTheAverage(Session& session) {
    const auto average =
        cupel::query::TypedSelect(cupel::query::Avg(col<&Invoice::total>))
            .template ScalarSubquery<double>();
    const auto total = col<&Invoice::total>.template Cast<double>();
    CUPEL_ASSIGN_OR_RETURN(
        auto invoices,
        session.Query<Invoice>()
            .Filter(total > average * 2.0)
            .OrderBy(col<&Invoice::total>.Desc(), col<&Invoice::id>)
            .Limit(5)
            .Options(cupel::JoinedLoad<&Invoice::customer>())
            .All());
    Answer answer;
    for (const Ref<Invoice>& invoice : invoices) {
      answer.push_back(
          Line(invoice->id, FullName(*invoice->customer), invoice->total));
    }
    return answer;
  }

  // Three links deep: customers with an invoice with a line for one of an
  // artist's tracks.
  static absl::StatusOr<Answer> CustomersOfOneArtist(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(
        auto customers,
        session.Query<Customer>()
            .Filter(col<&Customer::invoices>.Any(col<&Invoice::lines>.Any(
                col<&InvoiceLine::track>.Has(col<&Track::album>.Has(
                    col<&Album::artist>.Has(col<&Artist::name> == "AC/DC"))))))
            .OrderBy(col<&Customer::last_name>, col<&Customer::id>)
            .All());
    Answer answer;
    for (const Ref<Customer>& customer : customers) {
      answer.push_back(Line(FullName(*customer), customer->country));
    }
    return answer;
  }

  // One entity of a collection, without loading the others.
  static absl::StatusOr<Answer> LongestTrackPerMediaType(Session& session) {
    CUPEL_ASSIGN_OR_RETURN(
        auto types,
        session.Query<MediaType>().OrderBy(col<&MediaType::id>).All());
    Answer answer;
    for (const Ref<MediaType>& type : types) {
      CUPEL_ASSIGN_OR_RETURN(
          Ref<Track> longest,
          session.Query<Track>()
              .template WithParent<&MediaType::tracks>(type)
              .OrderBy(col<&Track::milliseconds>.Desc(), col<&Track::id>)
              .First());
      answer.push_back(
          Line(type->name, longest->name, longest->milliseconds / 1000));
    }
    return answer;
  }

  static constexpr Question kQuestions[] = {
      {"Which countries bring the most revenue?", RevenuePerCountry,
       "SELECT BillingCountry, printf('%.2f', sum(Total)) FROM Invoice"
       " GROUP BY BillingCountry ORDER BY sum(Total) DESC, BillingCountry"
       " LIMIT 10"},
      {"Who are the best customers, with all their invoices?", TopCustomers,
       "SELECT c.FirstName || ' ' || c.LastName, count(*),"
       " printf('%.2f', sum(i.Total)) FROM Customer c JOIN Invoice i"
       " USING (CustomerId) GROUP BY c.CustomerId"
       " ORDER BY sum(i.Total) DESC, c.CustomerId LIMIT 5"},
      {"How many tracks and minutes has each playlist?", PlaylistsWithTracks,
       "SELECT p.Name, count(t.TrackId),"
       " coalesce(sum(t.Milliseconds), 0) / 60000 FROM Playlist p"
       " LEFT JOIN PlaylistTrack l USING (PlaylistId)"
       " LEFT JOIN Track t USING (TrackId)"
       " GROUP BY p.PlaylistId ORDER BY p.PlaylistId"},
      {"Who reports to whom?", EmployeeTree,
       "WITH RECURSIVE tree(id, depth, path, first, title) AS ("
       "SELECT EmployeeId, 0, printf('%04d', EmployeeId), FirstName, Title"
       " FROM Employee WHERE ReportsTo IS NULL UNION ALL "
       "SELECT e.EmployeeId, t.depth + 1,"
       " t.path || printf('/%04d', e.EmployeeId), e.FirstName, e.Title"
       " FROM Employee e JOIN tree t ON e.ReportsTo = t.id)"
       " SELECT depth, first, title FROM tree ORDER BY path"},
      {"Which albums were never sold?", AlbumsNeverSold,
       "SELECT a.Title, r.Name FROM Album a JOIN Artist r USING (ArtistId)"
       " WHERE NOT EXISTS (SELECT 1 FROM Track t JOIN InvoiceLine l"
       " USING (TrackId) WHERE t.AlbumId = a.AlbumId)"
       " ORDER BY a.Title, a.AlbumId LIMIT 10"},
      {"Which artists sell best?", BestSellingArtists,
       "SELECT r.Name, printf('%.2f', sum(l.UnitPrice * l.Quantity))"
       " FROM Artist r JOIN Album USING (ArtistId) JOIN Track t USING (AlbumId)"
       " JOIN InvoiceLine l USING (TrackId) GROUP BY r.ArtistId"
       " ORDER BY sum(l.UnitPrice * l.Quantity) DESC, r.Name LIMIT 5"},
      {"Which genres have more than 50 tracks?", TracksPerGenre,
       "SELECT g.Name, count(t.TrackId) FROM Genre g LEFT JOIN Track t"
       " USING (GenreId) GROUP BY g.GenreId HAVING count(t.TrackId) > 50"
       " ORDER BY count(t.TrackId) DESC, g.Name"},
      {"What has each support agent's circle of customers spent?",
       SalesPerSupportAgent,
       "SELECT e.FirstName, count(DISTINCT c.CustomerId),"
       " printf('%.2f', sum(i.Total)) FROM Employee e"
       " JOIN Customer c ON c.SupportRepId = e.EmployeeId"
       " JOIN Invoice i USING (CustomerId)"
       " GROUP BY e.EmployeeId ORDER BY e.EmployeeId"},
      {"Which tracks are in the most playlists?", TracksInMostPlaylists,
       "SELECT t.Name, count(*) FROM Track t JOIN PlaylistTrack USING (TrackId)"
       " GROUP BY t.TrackId ORDER BY count(*) DESC, t.TrackId LIMIT 5"},
      {"How many artists have no album?", ArtistsWithoutAlbum,
       "SELECT count(*) FROM Artist WHERE ArtistId NOT IN"
       " (SELECT ArtistId FROM Album)"},
      {"How did sales develop over the years?", SalesPerYear,
       "SELECT CAST(strftime('%Y', InvoiceDate) AS INTEGER), count(*),"
       " printf('%.2f', sum(Total)) FROM Invoice GROUP BY 1 ORDER BY 1"},
      {"Which tracks speak of love (page 2)?", TracksAboutLove,
       "SELECT * FROM (SELECT count(*), NULL AS composer FROM Track"
       " WHERE Name LIKE '%Love%' AND Composer IS NOT NULL)"
       " UNION ALL SELECT * FROM (SELECT Name, Composer FROM Track"
       " WHERE Name LIKE '%Love%' AND Composer IS NOT NULL"
       " ORDER BY Name, TrackId LIMIT 10 OFFSET 10)"},
      {"Which invoices are far above the average?",
       InvoicesAboveTwiceTheAverage,
       "SELECT i.InvoiceId, c.FirstName || ' ' || c.LastName,"
       " printf('%.2f', i.Total) FROM Invoice i JOIN Customer c"
       " USING (CustomerId) WHERE i.Total > 2 * (SELECT avg(Total) FROM "
       "Invoice)"
       " ORDER BY i.Total DESC, i.InvoiceId LIMIT 5"},
      {"Who bought something of AC/DC?", CustomersOfOneArtist,
       "SELECT DISTINCT c.FirstName || ' ' || c.LastName, c.Country"
       " FROM Customer c JOIN Invoice USING (CustomerId)"
       " JOIN InvoiceLine USING (InvoiceId) JOIN Track t USING (TrackId)"
       " JOIN Album USING (AlbumId) JOIN Artist r USING (ArtistId)"
       " WHERE r.Name = 'AC/DC' ORDER BY c.LastName, c.CustomerId"},
      {"What is the longest track of each media type?",
       LongestTrackPerMediaType,
       "SELECT m.Name, t.Name, t.Milliseconds / 1000 FROM MediaType m"
       " JOIN Track t USING (MediaTypeId) WHERE t.TrackId ="
       " (SELECT u.TrackId FROM Track u WHERE u.MediaTypeId = m.MediaTypeId"
       " ORDER BY u.Milliseconds DESC, u.TrackId LIMIT 1)"
       " ORDER BY m.MediaTypeId"},
  };
};

}  // namespace

absl::Span<const Question> Questions(Spelling spelling) {
  if (spelling == Spelling::kSnakeCase) {
    return Asked<Spelling::kSnakeCase>::kQuestions;
  }
  return Asked<Spelling::kPascalCase>::kQuestions;
}

}  // namespace chinook
