# sisimai.pl FILE...: the reasons that Sisimai finds in each message: "FILE reason,reason".
use strict;
use warnings;
use Sisimai;

for my $path (@ARGV) {
    open(my $file, '<', $path) or die "$path: $!";
    local $/;
    my $text = <$file>;
    close($file);
    my $found = eval { Sisimai->make(\$text, delivered => 0) } || [];
    print "$path\t", join(',', map { $_->reason } @$found), "\n";
}
